package djinn.training.run;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Pictures of figures: curves, bars and clouds of dots, in colours that the colour-blind tell apart. */
public final class Plots {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 480;
    private static final int TICK = 100;
    private static final int LONGEST_NAME = 24;
    private static final float THICK = 3;
    private static final float THIN = 1.5f;
    private static final int SEEN_THROUGH = 140;

    /** Okabe and Ito's colours that are seen on white; the sum of all is black. */
    private static final List<Color> COLOURS = List.of(
            new Color(0x0072B2),
            new Color(0xD55E00),
            new Color(0x009E73),
            new Color(0xCC79A7),
            new Color(0x56B4E9),
            new Color(0xE69F00));

    private static final Color OTHERS = new Color(0xBBBBBB);
    private static final Color MARK = new Color(0x777777);

    private Plots() {}

    /**
     * What is written at a picture.
     *
     * @param title above it
     * @param x below it
     * @param y at its left
     */
    public record Texts(String title, String x, String y) {}

    /**
     * Points that belong together.
     *
     * @param name of what they are of
     * @param x from the left
     * @param y upwards; as many
     */
    public record Series(String name, List<Double> x, List<Double> y) {

        /** Copies the lists. */
        public Series {
            x = List.copyOf(x);
            y = List.copyOf(y);
            if (x.size() != y.size()) {
                throw new IllegalArgumentException("expected as many y as x, " + x.size() + ", got " + y.size());
            }
        }
    }

    /**
     * Draws curves of shares over shares: both axes are from 0 to 1.
     *
     * @param texts what is written
     * @param parts curves with a colour each; where there are more than six all are grey and without a name
     * @param whole a thick black curve
     * @param mark where an upright line is drawn, if anywhere; the texts say what it is
     * @return an RGB picture
     */
    public static BufferedImage curves(Texts texts, List<Series> parts, Series whole, OptionalDouble mark) {
        XYChart chart = chart(texts);
        chart.getStyler()
                .setXAxisMin(0.0)
                .setXAxisMax(1.0)
                .setXAxisDecimalPattern("0.0")
                .setXAxisTickMarkSpacingHint(TICK);
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.02).setYAxisDecimalPattern("0.0");
        boolean isNamed = parts.size() <= COLOURS.size();
        for (int i = 0; i < parts.size(); i++) {
            Series part = parts.get(i);
            if (part.x.isEmpty()) {
                continue;
            }
            XYSeries line = chart.addSeries((i + 1) + " " + part.name, part.x, part.y);
            style(line, isNamed ? COLOURS.get(i) : OTHERS, THIN);
            line.setLabel(shown(part.name));
            line.setShowInLegend(isNamed);
        }
        mark.ifPresent(at -> {
            XYSeries line = chart.addSeries("mark", List.of(at, at), List.of(0.0, 1.02));
            style(line, MARK, THIN);
            line.setLineStyle(SeriesLines.DASH_DASH);
            line.setShowInLegend(false);
        });
        if (!whole.x.isEmpty()) {
            style(chart.addSeries(whole.name, whole.x, whole.y), Color.BLACK, THICK);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }

    /**
     * Draws a bar for each name.
     *
     * @param texts what is written
     * @param counts at least one
     * @return an RGB picture
     */
    public static BufferedImage bars(Texts texts, Map<String, ? extends Number> counts) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(texts.title)
                .xAxisTitle(texts.x)
                .yAxisTitle(texts.y)
                .build();
        chart.getStyler()
                .setXAxisLabelRotation(counts.size() > COLOURS.size() ? 90 : 0)
                // it takes no less than two
                .setXAxisMaxLabelCount(Math.max(2, counts.size()))
                .setLegendVisible(false)
                .setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setLabelsVisible(counts.size() <= 2 * COLOURS.size());
        chart.getStyler().setAvailableSpaceFill(counts.size() < COLOURS.size() ? 0.5 : 0.8);
        chart.getStyler().setYAxisMin(0.0);
        chart.setCustomYAxisTickLabelsFormatter(value -> String.format(Locale.ROOT, "%,.0f", value));
        chart.addSeries(texts.y, counts.keySet().stream().map(Plots::shown).toList(), List.copyOf(counts.values()))
                .setFillColor(COLOURS.get(0));
        return BitmapEncoder.getBufferedImage(chart);
    }

    /**
     * Draws dots that are seen through.
     *
     * @param texts what is written
     * @param parts dots with a colour each; where there are more than six all are of one, without a name
     * @param right where the axis below ends; the one at the left ends at {@code top}
     * @param top where the axis at the left ends
     * @param isDownwards whether 0 is at the top, as in an image
     * @return an RGB picture
     */
    public static BufferedImage dots(Texts texts, List<Series> parts, double right, double top, boolean isDownwards) {
        XYChart chart = chart(texts);
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(right);
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(top);
        chart.getStyler().setMarkerSize(5);
        boolean isNamed = parts.size() <= COLOURS.size();
        chart.getStyler().setLegendVisible(isNamed);
        for (int i = 0; i < parts.size(); i++) {
            Series part = parts.get(i);
            if (part.x.isEmpty()) {
                continue;
            }
            List<Double> y =
                    isDownwards ? part.y.stream().map(value -> top - value).toList() : part.y;
            Color colour = isNamed ? COLOURS.get(i) : COLOURS.get(0);
            XYSeries dots = chart.addSeries((i + 1) + " " + part.name, part.x, y);
            dots.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
                    .setMarker(SeriesMarkers.CIRCLE)
                    .setMarkerColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), SEEN_THROUGH));
            dots.setLabel(shown(part.name));
        }
        if (isDownwards) {
            chart.setCustomYAxisTickLabelsFormatter(value -> String.format(Locale.ROOT, "%.1f", top - value));
        }
        return BitmapEncoder.getBufferedImage(chart);
    }

    private static XYChart chart(Texts texts) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(texts.title)
                .xAxisTitle(texts.x)
                .yAxisTitle(texts.y)
                .build();
        chart.getStyler()
                .setLegendPosition(LegendPosition.OutsideS)
                .setLegendLayout(LegendLayout.Horizontal)
                .setChartBackgroundColor(Color.WHITE);
        return chart;
    }

    private static void style(XYSeries line, Color colour, float width) {
        line.setMarker(SeriesMarkers.NONE)
                .setLineColor(colour)
                .setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }

    private static String shown(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
    }
}
