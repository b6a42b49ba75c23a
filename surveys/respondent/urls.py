"""The addresses in a respondent's mail, of a screen at the desk, and of what their pages show."""

from django.urls import path, re_path

from surveys.respondent.brand_files import brand_file
from surveys.respondent.kiosk import KioskDoneView, KioskEndView, KioskSurveyView, KioskView
from surveys.respondent.views import DoneView, SurveyView, UnsubscribeView

app_name = "respondent"
urlpatterns = [
    path("s/<str:token>/", SurveyView.as_view(), name="survey"),
    path("s/<str:token>/done/", DoneView.as_view(), name="done"),
    path("u/<str:token>/", UnsubscribeView.as_view(), name="unsubscribe"),
    path("k/<str:token>/", KioskView.as_view(), name="kiosk"),
    path("k/<str:token>/<str:visit>/", KioskSurveyView.as_view(), name="kiosk_survey"),
    path("k/<str:token>/<str:visit>/done/", KioskDoneView.as_view(), name="kiosk_done"),
    path("k/<str:token>/<str:visit>/end/", KioskEndView.as_view(), name="kiosk_end"),
    re_path(
        r"^b/(?P<brand_id>[0-9]{1,18})/(?P<name>[0-9a-f]{1,64})\.(?P<extension>css|png|jpg)$",
        brand_file,
        name="brand_file",
    ),
]
