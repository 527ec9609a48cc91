"""CSS for what Streamlit's theme has no option for; colours follow the theme, light and dark."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

# Colours, pills and what stands around every page.
FILES = ("colours", "frame", "tables", "account_bar", "overview", "info", "activity", "queries", "imports")

CSS = """
.kb-to-search { border: 1px solid color-mix(in srgb, currentColor 45%, transparent); border-radius: 6px; padding: .4rem .9rem; font: inherit;
  color: inherit; background: none; cursor: pointer; }
@media (min-width: 769px) { [data-testid="stSidebar"][data-collapsed="false"] ~ * .kb-sample:not(.kb-alone) { display: none; } }
[data-testid="stSidebar"][data-collapsed="false"] ~ * .kb-to-search { display: none; }
.kb-bar { display: flex; gap: .8rem; align-items: center; min-width: 0; }
.kb-face { border-radius: 50%; flex: none; object-fit: cover; }
.kb-initials { display: inline-flex; align-items: center; justify-content: center; font-weight: 600;
  background: light-dark(#d9e7e4, #22403c); color: light-dark(#1a4f4b, #a9d6cf); }
.kb-who { min-width: 0; }
.kb-who h1 { font-size: 17.5px; font-weight: 650; line-height: 1.3; margin: 0; padding: 0; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.kb-who p { margin: .1rem 0 0; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.st-key-member-head .kb-who p { white-space: normal; overflow-wrap: anywhere; }
.kb-state::before { content: ""; display: inline-block; width: .5rem; height: .5rem; border-radius: 50%; margin-right: .3rem;
  background: #8a9692; }
.kb-active::before { background: #2e8b57; } .kb-pending::before { background: #d98a00; }
.kb-archived { text-decoration: line-through; }
.kb-h2 { font-size: 1.1rem; font-weight: 650; margin: 0; padding: 0; overflow-wrap: anywhere; }
[data-testid="stDialog"] [data-testid="stVerticalBlock"] { gap: .55rem; }
.st-key-leave-guard { position: absolute; }
[data-testid="stDialog"]:has(.st-key-form-buttons) { scroll-padding: 1rem 0 5rem; }
[data-testid="stDialog"]:has(.st-key-form-buttons) > div { overflow: clip; }
[data-testid="stDialog"] > div :has(.st-key-form-buttons), .st-key-form-buttons { background-color: inherit; }
[data-testid="stLayoutWrapper"]:has(> .st-key-form-buttons) { position: sticky; bottom: -2rem; z-index: 2; }
.st-key-form-buttons { padding: .6rem 0; border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.kb-facts { display: grid; padding: 0 !important; margin: 0 !important; grid-template-columns: minmax(7rem, 34%) 1fr; gap: .28rem .8rem; margin: 0; font-size: .93rem; }
.kb-stages { margin: .6rem 0 0; padding-left: 1.6rem; } .kb-stages li { padding: .12rem 0; } .kb-stages small { opacity: .78; }
.kb-stages .kb-present { font-weight: 650; } .kb-stages .kb-to-come { opacity: .78; }
.kb-facts dt, .kb-facts dd { margin-left: 0 !important; padding: 0 !important; }
.kb-facts dt { opacity: .78; margin: 0; } .kb-facts dd { margin: 0; overflow-wrap: anywhere; }
.kb-text { margin: 0; overflow-wrap: anywhere; } .kb-consequences { margin: 0; padding-left: 1.2rem; }
.kb-consequences li { margin: .15rem 0; overflow-wrap: anywhere; }
.kb-text .kb-tag { font-size: .82rem; }
.kb-links { width: 100%; border-collapse: collapse; font-size: .86rem; }
.kb-links th { text-align: left; font-weight: 600; } .kb-links td, .kb-links th { padding: .35rem .6rem .35rem 0; vertical-align: top;
  border-bottom: 1px solid var(--kb-line); overflow-wrap: anywhere; break-inside: avoid; }
.kb-links td:first-child { width: 40%; } .kb-links code { font-size: .8rem; overflow-wrap: anywhere; white-space: normal; }
@media print {
  body:has(.kb-links) > :not(:has(.kb-links)), .st-key-many-links { display: none !important; }
  [data-testid="stDialog"]:has(.kb-links), [data-testid="stDialog"]:has(.kb-links) > div { position: static; overflow: visible; height: auto;
    width: auto; max-width: none; padding: 0; margin: 0; background: #fff; box-shadow: none; }
  [data-testid="stDialog"]:has(.kb-links) * { color: #000 !important; background: none !important; }
}
.kb-line { margin: 0; font-size: .9rem; opacity: .88; overflow-wrap: anywhere; }
button[kind="tertiary"]:active, button[kind="tertiary"][aria-expanded="true"] { color: inherit; }
.kb-email { font-weight: 550; overflow-wrap: anywhere; }
[data-testid="stElementToolbar"] { display: none; }
[data-testid="stHorizontalBlock"][class*="st-key-row-field-"] { padding: .15rem 0; border-bottom: 1px solid var(--kb-line); }
.st-key-card-rights .kb-part-head { min-height: 42px; }
.kb-part-head h2 { font-size: 15px; font-weight: 650; }
.kb-lined, [data-testid="stHorizontalBlock"]:is(.st-key-head-assignments, .st-key-head-first-steps) { border-bottom: 1px solid var(--kb-edge); padding-bottom: .3rem; }
:is(.st-key-audit-entry, .st-key-history-act) { padding-top: .6rem; border-top: 1px solid var(--kb-edge); }
.kb-tag { border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: 4px; padding: 0 .35rem;
  display: inline-block; max-width: min(40ch, 52vw); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; }
:root { --kb-gray: #8a9692; --kb-blue: #3b7dd8; --kb-green: #2e8b57; --kb-orange: #d9730d; --kb-red: #d64545; --kb-violet: #8a5cd0;
  --kb-yellow: #c9a400; }
.kb-tag-blue { --kb-tag: var(--kb-blue); } .kb-tag-green { --kb-tag: var(--kb-green); } .kb-tag-orange { --kb-tag: var(--kb-orange); }
.kb-tag-red { --kb-tag: var(--kb-red); } .kb-tag-violet { --kb-tag: var(--kb-violet); } .kb-tag-yellow { --kb-tag: var(--kb-yellow); }
[class*="kb-tag-"] { background: color-mix(in srgb, var(--kb-tag, var(--kb-gray)) 16%, transparent);
  border-color: color-mix(in srgb, var(--kb-tag, var(--kb-gray)) 60%, transparent); white-space: nowrap; }
.kb-link { display: inline-block; padding: .3rem .8rem; border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 6px;
  color: inherit; text-decoration: none;  background: none; font: inherit; cursor: pointer; }
[data-testid="stLayoutWrapper"]:has(> .st-key-view-as .st-key-view-as-end) { position: sticky; top: 0; z-index: 97; margin: -.9rem -1.6rem 0; width: calc(100% + 3.2rem);
  max-width: none; }
.st-key-view-as { min-height: 46px; padding: .3rem 1.6rem; background: #8a4b00; color: #fff; }
.st-key-view-as button, .st-key-view-as button p { background: #fff !important; color: #5c3200 !important; }
.st-key-tiles [data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
.kb-head { display: flex; align-items: center; gap: 0 .6rem; min-width: 0; white-space: nowrap; }
.kb-head h2 { font-size: 1rem; font-weight: 600; line-height: 1.6; margin: 0; padding: 0; letter-spacing: normal; flex: none; }
.kb-tile { flex: 1 1 auto; min-width: 0; font-size: 12.75px; overflow: hidden; text-overflow: ellipsis;
  color: color-mix(in srgb, currentColor 78%, transparent); }
.kb-age { flex: none; font-size: 12.75px; color: color-mix(in srgb, currentColor 78%, transparent); }
.kb-age.kb-late { color: color-mix(in srgb, var(--kb-orange) 55%, currentColor); }
.kb-badge:not(.kb-pill) { flex: none; font-size: .8rem; line-height: 1.45; padding: 0 .4rem; border-radius: 4px;
  background: color-mix(in srgb, var(--kb-badge) 18%, transparent); }
.kb-badge-green { --kb-badge: var(--kb-green); } .kb-badge-orange { --kb-badge: var(--kb-orange); }
.kb-badge-gray { --kb-badge: var(--kb-gray); }
[class*="st-key-head-"] { min-height: 2rem; flex-wrap: nowrap; overflow: hidden; }
[class*="st-key-head-"] [data-testid="stMarkdownContainer"] p { white-space: nowrap; }
[class*="st-key-row-field-"] { flex-wrap: nowrap; }
[class*="st-key-row-field-"] > [data-testid="stElementContainer"]:has([data-testid="stCaptionContainer"]) { min-width: 0; }
[class*="st-key-row-field-"] [data-testid="stCaptionContainer"] p,
[class*="st-key-head-"] [data-testid="stCaptionContainer"] p { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
[data-testid="stCaptionContainer"] { opacity: 1; color: color-mix(in srgb, currentColor 78%, transparent); }
[class*="st-key-card-"] [data-testid="stFullScreenFrame"] { container: kb-rows / inline-size; }
@container kb-rows (width < 448px) {
  [data-testid="stDataFrameResizable"] > .stDataFrameGlideDataEditor { height: calc(100% + var(--kb-bar, 0px)) !important; max-height: none; }
  .dvn-underlay canvas { clip-path: inset(0 0 var(--kb-bar, 0px) 0); }
}
.st-key-filters, .st-key-list-wishes { gap: .5rem; }
.st-key-turn-line { row-gap: 0; }
[class*="st-key-view-away-"] [data-testid="stMarkdownContainer"], [class*="st-key-menu-"] [data-testid="stMarkdownContainer"],
[class*="st-key-more-"] [data-testid="stMarkdownContainer"], [class*="st-key-member-more-"] [data-testid="stMarkdownContainer"],
[class*="st-key-field-up-"] [data-testid="stMarkdownContainer"], [class*="st-key-field-down-"] [data-testid="stMarkdownContainer"],
[class*="st-key-field-edit-"] [data-testid="stMarkdownContainer"], [class*="st-key-field-retire-"] [data-testid="stMarkdownContainer"],
[data-testid="stElementContainer"]:is([class*="st-key-tag-"], [class*="st-key-tag_delete-"]) [data-testid="stMarkdownContainer"] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
[data-testid="stButtonGroup"] button[data-selected="true"] { color: inherit !important; }
.kb-qr { display: block; max-width: 100%; image-rendering: pixelated; border-radius: 6px; }
[class*="st-key-session-"]:not(.st-key-session-end) { flex-wrap: nowrap; }
[class*="st-key-session-"] > div:first-child { min-width: 0; flex: 1 1 auto; }
.st-key-session-end { position: fixed; left: 50%; bottom: 1.2rem; transform: translateX(-50%); z-index: 1000050; width: min(34rem, 92vw);
  padding: .6rem 1rem; border-radius: 6px; border: 1px solid #b87503; background: #fff4dc; color: #3a2a05;
  box-shadow: 0 2px 10px rgb(0 0 0 / 25%); }
.st-key-session-end p { color: #3a2a05; }
.st-key-session-end button { background: #1f5f5b; border-color: #1f5f5b; } .st-key-session-end button p { color: #fff; }
.kb-notice:not([data-shown]) { display: none; }
.kb-notice { position: fixed; right: 1.2rem; bottom: 1.2rem; z-index: 1000000; padding: .6rem 1rem; border-radius: 6px;
  background: #1f5f5b; color: #fff; font: 14px/1.4 "Source Sans", sans-serif; box-shadow: 0 2px 10px rgb(0 0 0 / 25%); }
.kb-whole[hidden] { display: none; }
.kb-whole { position: fixed; z-index: 1000001; max-width: min(34rem, calc(100vw - 16px)); max-height: 60vh; overflow: hidden; padding: .3rem .55rem;
  border-radius: 6px; background: #26302d; color: #f4f6f5; font: 13px/1.4 "Source Sans", sans-serif; overflow-wrap: anywhere;
  white-space: pre-line; pointer-events: none; box-shadow: 0 2px 10px rgb(0 0 0 / 25%); border: 1px solid #55625e; }
[data-testid="stLayoutWrapper"]:has(> .st-key-unseen) { position: absolute; width: 1px; height: 1px; overflow: hidden; }
@media (max-width: 640px) {
  [class*="st-key-card-"] > div > [class*="st-key-head-"] { flex-wrap: wrap; row-gap: .1rem; }
  [class*="st-key-card-"] > div > [class*="st-key-head-"] > div:has(> div > [data-testid="stCaptionContainer"]) { flex: 1 0 8.5rem; }
  .kb-head { flex-wrap: wrap; } .kb-tile { flex: 1 1 8rem; }
  .st-key-filters > .st-key-only-text { flex: 1 1 8rem; width: auto !important; min-width: 0; }
  .st-key-list-wishes > [class*="st-key-only-"], .st-key-list-wishes > [class*="st-key-order-"] { flex: 1 1 9rem;
    width: auto !important; min-width: 0; }
  .st-key-list-wishes > [class*="st-key-find-"] { flex: 1 1 100%; width: auto !important; }
  :is(.st-key-audit-filters, .st-key-history-filters) > [data-testid="stElementContainer"] { flex: 1 1 9rem; width: auto !important; min-width: 0; }
  .st-key-filters-on { flex-basis: 100%; }
  .st-key-accounts-head { flex-wrap: nowrap; gap: .5rem; }
  .st-key-accounts-head > :first-child { min-width: 4.5rem; }
  .st-key-accounts-head [data-testid="stPopoverButton"] [data-testid="stMarkdownContainer"] { position: absolute; width: 1px;
    height: 1px; overflow: hidden; clip-path: inset(50%); }
}
[data-testid="stLayoutWrapper"]:has(> .st-key-form-consequences) { max-height: 38vh; overflow-y: auto; }
"""


def style() -> None:
    """Put the rules on the page."""
    st.html(_together())


@cache
def _together() -> str:
    files = "".join((Path(__file__).parent / "styles" / f"{name}.css").read_text("utf-8") for name in FILES)
    return f"<style>\n{files}{CSS}</style>"
