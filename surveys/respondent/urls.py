"""The addresses in a respondent's mail."""

from django.urls import path

from surveys.respondent.views import DoneView, SurveyView, UnsubscribeView

app_name = "respondent"
urlpatterns = [
    path("s/<str:token>/", SurveyView.as_view(), name="survey"),
    path("s/<str:token>/done/", DoneView.as_view(), name="done"),
    path("u/<str:token>/", UnsubscribeView.as_view(), name="unsubscribe"),
]
