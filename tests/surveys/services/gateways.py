"""Settings under which short messages leave by a stand-in."""

from __future__ import annotations

from dataclasses import asdict

from pytest_django.fixtures import Settings

from config.env_kinds import gateway


def use_gateway(settings: Settings, url: str, channel: str = "sms", more: str = "") -> None:
    found = gateway(f"twilio://AC00:token@default?from=+15550100&api_url={url}{more}")
    settings.GATEWAYS = settings.GATEWAYS | {
        channel: {"variable": f"{channel.upper()}_URL", **asdict(found)}
    }
    settings.SITE_URL = "https://survey.northline.example"
    settings.COMPANY_NAME = "Northline"
