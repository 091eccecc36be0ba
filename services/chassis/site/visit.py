"""One look at the site: what the layout must know of a request, whichever service renders the page.

`RequestFacts` begins it when the headers are there; `current()` gives it to whoever renders.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from starlette.requests import cookie_parser
from starlette.responses import Response

from services.chassis.identity import Identity
from services.chassis.office import Office, load_office
from services.chassis.site import language, notices, tokens
from services.chassis.site.language import Language
from services.chassis.site.notices import Notice

_NOTICE_SECONDS = 60


@dataclass
class Visit:
    """Of one request. Without a request (a test of a template) it is an anonymous one for the home page.

    `sent`: a form was; `reads`: whether the application has a page at a path.
    """

    path: str = "/"
    query: str = ""
    language: Language = "fr"
    identity: Identity | None = None
    secure: bool = False
    office: Office = field(default_factory=load_office)
    notice: Notice | None = None
    browser: str | None = None
    session: str = ""
    sent: bool = False
    reads: Callable[[str], bool] = lambda path: True
    _new_browser: bool = False
    _had_notice: bool = False

    @classmethod
    def begun(
        cls,
        path: str,
        query: str,
        cookie_header: str,
        *,
        secure: bool,
        office: Office,
        sent: bool,
        reads: Callable[[str], bool],
    ) -> "Visit":
        cookies = cookie_parser(cookie_header)
        browser = tokens.known_browser(cookies, secure=secure)
        notice = cookies.get(tokens.cookie_name(notices.COOKIE, secure=secure), "")
        return cls(
            path=path,
            query=query,
            language=language.chosen(cookies.get(language.COOKIE)),
            secure=secure,
            office=office,
            notice=Notice.read(notice, browser) if notice else None,
            browser=browser,
            session=tokens.open_session(cookies),
            sent=sent,
            reads=reads,
            _had_notice=bool(notice),
        )

    @property
    def address(self) -> str:
        """Path and query, for the way back to this page."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def way_back(self) -> str:
        """Where to ask for this page anew. An address that takes nothing but forms has none: then it is the
        nearest page above it. The form's token, which may be in the address, is left out."""
        if not self.sent:
            return self.address
        path = self.path
        while path and not self.reads(path):
            path = path.rpartition("/")[0]
        query = "&".join(one for one in self.query.split("&") if not one.startswith(f"{tokens.FIELD}="))
        return f"{path}?{query}" if path and query else path or "/"

    @property
    def is_candidate(self) -> bool:
        return self.identity is not None and self.identity.kind == "candidate"

    @property
    def is_officer(self) -> bool:
        return self.identity is not None and self.identity.kind == "officer"

    def speak(self, code: str) -> None:
        """From here on in the language of this code."""
        self.language = language.chosen(code)
        language.current.set(self.language)

    def form_token(self) -> str:
        """For a form on the page; a browser without a secret gets one with the answer."""
        return tokens.form_token(self._known(), self.session)

    def accepts(self, token: str) -> bool:
        return tokens.is_form_token(token, self.browser, self.session)

    def leave(self, response: Response, notice: Notice) -> None:
        """Have the next page say it."""
        self._set(response, notices.COOKIE, notice.written(self._known()), _NOTICE_SECONDS)
        self.end(response)

    def shown(self, response: Response) -> None:
        """The page is rendered: its notice will not be shown again."""
        if self._had_notice:
            name = tokens.cookie_name(notices.COOKIE, secure=self.secure)
            response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")
        self.end(response)

    def end(self, response: Response) -> None:
        """Hand the browser its secret, if it got one now."""
        if self._new_browser and self.browser is not None:
            self._set(response, tokens.COOKIE, self.browser, None)

    def _known(self) -> str:
        if self.browser is None:
            self.browser, self._new_browser = tokens.new_browser(), True
        return self.browser

    def _set(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            tokens.cookie_name(name, secure=self.secure),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )


_current: ContextVar[Visit | None] = ContextVar("visit", default=None)


def begin(visit: Visit) -> None:
    _current.set(visit)
    language.current.set(visit.language)


def current() -> Visit:
    return _current.get() or Visit()
