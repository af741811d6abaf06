"""A dashboard as a picture, from what a Prometheus answered: by hand, where there is no Grafana.

It shows places, titles, units and curves, so that one sees a dashboard before importing it; colours and
tooltips are Grafana's.
"""

import html
import json

COLUMN, ROW, GAP = 52, 30, 6
COLOURS = ("#3274d9", "#e0752d", "#629e51", "#a352cc", "#ba43a9", "#705da0", "#bf1b00", "#508642")


def number(value, unit):
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    for limit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g} {name}"
    if unit == "s" and 0 < abs(value) < 1:
        return f"{value * 1e3:.3g} ms" if abs(value) >= 1e-3 else f"{value * 1e6:.3g} µs"
    return f"{value:.3g}" + (" s" if unit == "s" else "")


def legend_of(pattern, labels):
    for name, value in labels.items():
        pattern = pattern.replace("{{" + name + "}}", value)
    return pattern


def text(x, y, content, size=11, colour="#333", weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" font-weight="{weight}">'
            f"{html.escape(content)}</text>")


def curves(box, series, unit):
    """Lines with a scale on the left and a legend below."""
    x, y, w, h = box
    left, top, width, height = x + 52, y + 30, w - 64, h - 72
    points = [point for _, values in series for point in values]
    if not points:
        return [text(x + w / 2 - 20, y + h / 2, "no data", colour="#b00")]
    first, last = min(at for at, _ in points), max(at for at, _ in points)
    low, high = min(0.0, *(v for _, v in points)), max(v for _, v in points)
    high = high if high > low else low + 1
    made = []
    for part in (0, 0.5, 1):
        level = top + height * (1 - part)
        made.append(f'<line x1="{left}" x2="{left + width}" y1="{level:.1f}" y2="{level:.1f}" stroke="#ddd"/>')
        made.append(text(x + 6, level + 4, number(low + (high - low) * part, unit), 10, "#666"))
    at_x = left
    for i, (name, values) in enumerate(series[:8]):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{left + width * (at - first) / max(last - first, 1):.1f},"
                        f"{top + height * (1 - (v - low) / (high - low)):.1f}" for at, v in values)
        made.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        if at_x + 7 * len(name) < x + w:
            made.append(text(at_x, y + h - 12, name, 10, colour))
            at_x += 7 * len(name) + 14
    return made


def numbers_of(values):
    return [(float(at), float(value)) for at, value in values if value not in ("NaN", "+Inf", "-Inf")]


def panel_parts(panel, ask):
    at = panel["gridPos"]
    box = (at["x"] * COLUMN + GAP, at["y"] * ROW + GAP, at["w"] * COLUMN - GAP, at["h"] * ROW - GAP)
    x, y, w, h = box
    if panel["type"] == "row":
        return [text(x, y + 18, panel["title"], 14, "#111", "bold")]
    made = [f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="#fff" stroke="#ccc" rx="3"/>',
            text(x + 8, y + 17, panel["title"], 12, "#111", "bold")]
    unit = panel["fieldConfig"]["defaults"]["unit"]
    series = [(legend_of(target["legendFormat"], one["metric"]) or "value", numbers_of(one["values"]), one["metric"])
              for target in panel["targets"] for one in ask(target["expr"])]
    series = [(name, values, labels) for name, values, labels in series if values]
    if panel["type"] == "stat":
        shown = number(series[0][1][-1][1], unit) if series else "no data"
        made.append(text(x + 12, y + h / 2 + 22, shown, 30, "#2a7a2a"))
    elif panel["type"] == "table":
        for i, (_, _, labels) in enumerate(series[:4]):
            made.append(text(x + 12, y + 40 + 18 * i, "   ".join(f"{k}={v}" for k, v in labels.items())))
    else:
        made += curves(box, [(name, values) for name, values, _ in series], unit)
    return made


def render(dashboard, ask):
    """SVG of a dashboard (its JSON); `ask` gives the series of an expression over the time shown."""
    panels = json.loads(dashboard)["panels"]
    width = 24 * COLUMN + 2 * GAP
    height = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in panels) * ROW + 2 * GAP
    parts = [part for panel in panels for part in panel_parts(panel, ask)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#f4f5f5"/>', *parts, "</svg>", ""])
