"""What the pages remember in a browser session between two runs, as typed records instead of loose keys of ``st.session_state``."""
