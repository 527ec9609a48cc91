"""The application: our guard and routes around the Streamlit script. `streamlit run app.py` starts it."""

import streamlit as st
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.base.config import read_settings
from core.operations.startup_checks import refuse_dangers
from core.ui.parts.problems import on_script_error
from core.web.guard import Guard
from core.web.lifespan import lifespan
from core.web.request_log import Observer
from core.web.routes import routes

# Where the server listens is said on its command line; the first owner's link names that address.
settings = read_settings(port=st.get_option("server.port"), address=st.get_option("server.address") or "localhost")
refuse_dangers(settings)
app = st.App(
    "core/ui/frame.py",
    routes=routes(settings),
    middleware=[
        Middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies)),
        Middleware(Observer),
        Middleware(Guard, settings=settings),
    ],
    lifespan=lifespan(settings),
    on_script_error=on_script_error,
)
