from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "stimme.web"
    label = "web"
