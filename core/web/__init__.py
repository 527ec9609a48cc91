"""Everything around Streamlit that speaks HTTP: the guard, sockets, routes, what starts and stops with the server."""
