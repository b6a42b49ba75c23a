"""Who and what appears in the sample data. Pure data; nobody in it exists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleCause:
    """A reason why cases happen.

    Units: `weight` is relative volume; `anger` shifts the latent cause rating (0 is neutral, in
    standard deviations); `avoidable` shifts C2 likewise; `recurring` is who had it before.
    """

    code: str
    name: str
    description: str
    team: str
    product: str
    weight: float
    anger: float
    avoidable: float
    recurring: float
    complaints: tuple[str, ...]


TEAMS: dict[str, tuple[str, ...]] = {
    "Mobile": (
        "Amara Okafor", "Ben Whitfield", "Chloe Marchetti", "Dmitri Volkov",
        "Elena Sørensen", "Farid Haddad", "Grace Nakamura", "Hugo Lindqvist",
    ),
    "Broadband": (
        "Ines Carvalho", "Jonas Becker", "Kavya Raman", "Liam O'Rourke",
        "Mei Tanaka", "Nadia Benali", "Oscar Fuentes", "Priya Menon",
    ),
    "Billing": (
        "Quentin Dubois", "Rosa Delgado", "Samuel Adeyemi", "Tara Kelleher",
        "Umar Siddiqui", "Vera Kowalska", "William Ashe", "Ximena Rojas",
    ),
    "Contracts": (
        "Yusuf Demir", "Zoe Armstrong", "Anton Petrov", "Bianca Rossi",
        "Callum Reid", "Dalia Mansour", "Erik Johansen", "Fiona Castle",
    ),
    "Field service": (
        "Gabriel Costa", "Hanna Virtanen", "Isaac Mensah", "Julia Novak",
        "Karim Aziz", "Lena Hoffmann", "Marco Bianchi", "Nora Eklund",
    ),
}  # fmt: skip

# The founding story: from month 4 a faulty plan change cuts people off. The causes' volume and
# anger rise; the people who repair it are as good as before.
FLAW = "plan-change"
# And its good turn: somebody does something about a cause, and it happens less.
CHECKED = "wrong-charge"

CAUSES: tuple[SampleCause, ...] = (
    SampleCause(
        FLAW, "Plan change went wrong", "Switching plans cuts the line or books the wrong plan.",
        "Contracts", "Mobile", 8, -0.1, 0.3, 0.2,
        (
            "Test the plan change before you put customers on it.",
            "Changing my plan must not switch off my phone.",
            "I was without service for two days because of your system.",
            "Tell people before you move them to another plan.",
            "The website said done, and then nothing worked until the evening.",
            "Why does a cheaper plan need a new contract and a dead phone?",
            "Ring me before the switch, not three days after it.",
            "My mother could not reach me all weekend. That must not happen.",
            "If a plan change can fail, do it at night and check it in the morning.",
            "I was put on a plan that I never chose. Show it before I confirm.",
            "It is the second plan change that fails. Repair the thing itself.",
            "Give people back the days without service, without their asking.",
        ),
    ),
    SampleCause(
        "no-signal", "No or weak signal", "Coverage gaps and mast faults.",
        "Mobile", "Mobile", 12, -0.2, -0.5, 0.45,
        ("Put up another mast in the valley.", "Coverage maps should be honest.",
         "Indoors there is nothing, outdoors two bars. Say so before the sale.",
         "Since the works on the mast it drops every call after ten minutes."),
    ),
    SampleCause(
        "roaming-charge", "Unexpected roaming charge", "Charges abroad that nobody announced.",
        "Billing", "Mobile", 7, 0.5, 0.6, 0.15,
        ("Send a warning before the charge, not after.", "Make the roaming price readable.",
         "Stop the data at the limit instead of charging on.",
         "A border is enough and it costs forty pounds. Ask first."),
    ),
    SampleCause(
        "number-porting", "Number transfer delayed", "A number arrives days after it was promised.",
        "Contracts", "Mobile", 6, 0.1, 0.2, 0.05,
        (
            "Say honestly how long the transfer takes.",
            "Don't switch the old number off before the new one works.",
            "Two weeks with two telephones. Do it in a day, like others.",
        ),
    ),
    SampleCause(
        "slow-broadband", "Slow broadband", "Less speed than the contract says.",
        "Broadband", "Fibre", 13, 0.0, 0.0, 0.5,
        ("Sell only the speed you can deliver.", "It slows down every evening at eight.",
         "The line in our street is old. You know it, so replace it.",
         "Half of what I pay for, every weekend."),
    ),
    SampleCause(
        "outage", "Network outage", "An exchange or a cable failed.",
        "Broadband", "Fibre", 11, 0.1, -0.4, 0.3,
        ("Put outages on your status page at once.", "Keep a spare line for the district.",
         "Nobody knew anything for four hours.",
         "One digger and the whole town is offline. Lay a second cable."),
    ),
    SampleCause(
        "faulty-router", "Faulty router", "The router restarts or loses its settings.",
        "Broadband", "Fibre", 9, -0.3, 0.1, 0.25,
        ("Replace this router model.", "The update broke the router, test it first.",
         "It needs a restart every day. Recall the thing.",
         "Send the new box before the old one gives up."),
    ),
    SampleCause(
        CHECKED, "Wrong amount on the bill", "A charge that should not be there.",
        "Billing", "Bundle", 12, 0.2, 0.8, 0.35,
        ("Check bills before they go out.", "Cancelled options must leave the bill.",
         "Third bill, third mistake, always in your favour.",
         "Write what each line is for, in words."),
    ),
    SampleCause(
        "contract-terms", "Terms nobody explained", "A notice period or a fee came as a surprise.",
        "Contracts", "Bundle", 6, 0.4, 0.7, 0.1,
        ("Tell people the notice period when they sign.", "Put the fees on one page.",
         "The fee stood on page eleven.",
         "The shop promised something else than the contract says."),
    ),
    SampleCause(
        "late-engineer", "Engineer late or absent", "The appointment was missed.",
        "Field service", "Fibre", 8, 0.3, 0.6, 0.2,
        ("Ring when the engineer is late.", "Give a two-hour window, not a day.",
         "I took a day off for nobody.",
         "Let me see where the engineer is, like a parcel."),
    ),
    SampleCause(
        "app-login", "Cannot sign in to the app", "Passwords or codes that do not arrive.",
        "Mobile", "Mobile", 6, -0.6, 0.2, 0.3,
        (
            "Let me sign in with my number.",
            "The code arrives after it has run out.",
            "New phone, locked out. There must be another way in.",
        ),
    ),
    SampleCause(
        "tv-picture", "TV picture breaks up", "Signal loss on the television box.",
        "Field service", "TV", 5, -0.4, -0.1, 0.35,
        (
            "The box needs a better cable from the start.",
            "Always in the second half. Do something about the signal.",
        ),
    ),
)  # fmt: skip

CHANNELS: tuple[tuple[str, float], ...] = (
    ("phone", 0.46), ("chat", 0.27), ("email", 0.14), ("store", 0.08), ("social", 0.05),
)  # fmt: skip

LANGUAGES: tuple[tuple[str, float], ...] = (
    ("en", 0.68), ("de", 0.1), ("fr", 0.08), ("es", 0.06), ("pt", 0.04), ("ar", 0.04),
)  # fmt: skip

GIVEN_NAMES = (
    "Alex", "Bilal", "Carmen", "Dana", "Emil", "Fatima", "George", "Heidi", "Ivan", "Jun",
    "Karin", "Luis", "Maria", "Nils", "Olga", "Paulo", "Rania", "Sven", "Teresa", "Wanda",
)  # fmt: skip
FAMILY_NAMES = (
    "Abbott", "Bauer", "Campos", "Durand", "Evans", "Ferreira", "Garcia", "Hassan", "Ito",
    "Jansen", "Khalil", "Lopez", "Moreau", "Nowak", "Olsen", "Park", "Quinn", "Ricci", "Schmidt",
    "Torres",
)  # fmt: skip

PRAISE = (
    "Patient, clear and quick. Thank you.",
    "Rang back exactly when promised.",
    "Explained what went wrong in plain words.",
    "Solved while I was still on the line.",
    "Friendly even though I was angry.",
    "Knew at once what to do.",
    "Told me honestly that it would take two days, and it did.",
    "Did not make me feel stupid for asking.",
    "Wrote down the steps so that I can do it myself next time.",
    "Took it over from a colleague and already knew my case.",
    "The best call I have had with any company this year.",
    "Kept me informed without my asking.",
)
CRITICISM = (
    "I had to explain everything three times.",
    "Nobody called back as promised.",
    "Stock answers until I asked for a supervisor.",
    "Passed from one desk to the next.",
    "It took a week for a five-minute job.",
    "Friendly, but it is still broken.",
    "I was cut off twice and had to start again.",
    "Promised an e-mail that never came.",
    "Read from a script and did not listen.",
)
