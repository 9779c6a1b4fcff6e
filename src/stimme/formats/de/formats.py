"""Swiss numbers and times for the German pages: 12’345, 14:05."""

DATETIME_FORMAT = "j. F Y, H:i"
SHORT_DATETIME_FORMAT = "d.m.Y, H:i"
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = "’"
