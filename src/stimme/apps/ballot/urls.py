from django.urls import path

import stimme.apps.ballot.converters  # noqa: F401  registers <cid:…>
from stimme.apps.ballot import views

app_name = "ballot"
urlpatterns = [
    path("ballot", views.cast, name="cast"),
    path("ballot/busy", views.busy, name="busy"),
    path("receipt/<cid:cid>/promise", views.promise, name="promise"),
    path("receipt/<cid:cid>/proof", views.proof, name="proof"),
    path("witness/key", views.witness_key, name="witness_key"),
    path("witness/add-checkpoint", views.add_checkpoint, name="add_checkpoint"),
    path("log/checkpoint", views.checkpoint, name="checkpoint"),
    path("log/keys", views.public_keys, name="public_keys"),
    path("log/<path:resource>", views.resource, name="resource"),
]
