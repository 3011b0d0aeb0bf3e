package djinn.training.run;

import djinn.ops.AtomicFile;
import djinn.training.LearningRateFinder;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the pictures of a run. */
public final class Charts {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int MOST_MARKED = 30;
    private static final int TICK = 60;
    private static final double MARGIN = 0.06;
    private static final double MARGINS = 40;

    /** From here on, values are shown by powers of ten. */
    private static final double HUGE = 1e7;

    /** An axis reaches over this share of its largest value at least, which its numbers of four digits do not tell apart. */
    private static final double FINEST = 1e-6;

    /** The share of a chart's width that is axis, at least. */
    private static final double PLOT = 0.8;

    private static final MathContext DIGITS = new MathContext(4);
    private static final Color FIRST = new Color(0x1f77b4);
    private static final Color SECOND = new Color(0xff7f0e);
    private static final Color BEST = new Color(0xd62728);

    private Charts() {}

    /**
     * Draws the figures and the learning rate over epochs, side by side, with a mark at the best epoch.
     *
     * @param results the table
     * @param best the best epoch, counted from 1; empty if there is none
     * @param file a PNG file, which is replaced when it is complete
     * @throws djinn.ops.DataException if it cannot be written
     */
    public static void curves(Results results, OptionalInt best, Path file) {
        List<XYChart> charts = new ArrayList<>();
        for (String figure : results.figures()) {
            String words = figure.replace('_', ' ');
            String title = words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
            boolean share = Lines.isShare(figure);
            charts.add(curve(
                    results,
                    share ? title + ", %" : title,
                    List.of("train_" + figure, "val_" + figure),
                    share ? 100 : 1,
                    best));
        }
        charts.add(curve(results, "Learning rate", List.of("lr"), 1, best));
        BufferedImage image = new BufferedImage(charts.size() * WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        int column = 0;
        for (XYChart chart : charts) {
            graphics.drawImage(BitmapEncoder.getBufferedImage(chart), WIDTH * column++, 0, null);
        }
        graphics.dispose();
        AtomicFile.writePng(file, image);
    }

    /**
     * Draws the losses of a learning rate range test over the learning rate, on a logarithmic axis.
     *
     * @param result the test
     * @param file a PNG file, which is replaced when it is complete
     * @throws djinn.ops.DataException if it cannot be written
     */
    public static void learningRates(LearningRateFinder.Result result, Path file) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Learning rate range test")
                .xAxisTitle("learning rate")
                .yAxisTitle("loss")
                .build();
        chart.getStyler()
                .setXAxisLogarithmic(true)
                .setLegendPosition(LegendPosition.InsideSW)
                .setChartBackgroundColor(Color.WHITE);
        List<LearningRateFinder.Point> points = result.points();
        chart.addSeries(
                        "smoothed loss",
                        points.stream().map(LearningRateFinder.Point::lr).toList(),
                        points.stream().map(LearningRateFinder.Point::smoothed).toList())
                .setMarker(SeriesMarkers.NONE);
        // single losses may leap out of all proportion at the end
        DoubleSummaryStatistics smoothed =
                points.stream().mapToDouble(LearningRateFinder.Point::smoothed).summaryStatistics();
        double limit = 2 * smoothed.getMax() - smoothed.getMin();
        List<LearningRateFinder.Point> shown =
                points.stream().filter(point -> point.loss() <= limit).toList();
        if (!shown.isEmpty()) {
            dots(
                    chart,
                    "loss",
                    shown.stream().map(LearningRateFinder.Point::lr).toList(),
                    shown.stream().map(LearningRateFinder.Point::loss).toList());
        }
        points.stream()
                .filter(point -> result.suggestion().isPresent()
                        && point.lr() == result.suggestion().getAsDouble())
                .forEach(point -> dots(chart, "suggestion", List.of(point.lr()), List.of(point.smoothed())));
        AtomicFile.writePng(file, BitmapEncoder.getBufferedImage(chart));
    }

    private static void dots(XYChart chart, String name, List<Double> x, List<Double> y) {
        chart.addSeries(name, x, y)
                .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
                .setMarker(SeriesMarkers.CIRCLE);
    }

    /** Columns of the table over the epochs, with a line at the best; single points are seen where there are few. */
    private static XYChart curve(Results results, String title, List<String> columns, double factor, OptionalInt best) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("epoch")
                .build();
        List<Double> epochs = results.column("epoch");
        Map<String, List<Double>> curves = new LinkedHashMap<>();
        for (String column : columns) {
            List<Double> values =
                    results.column(column).stream().map(value -> value * factor).toList();
            if (values.stream().anyMatch(Double::isFinite)) {
                curves.put(column.replaceFirst("_.*", ""), values);
            }
        }
        DoubleSummaryStatistics range = curves.values().stream()
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .summaryStatistics();
        if (range.getCount() == 0) {
            return chart;
        }
        double largest = Math.max(Math.abs(range.getMin()), Math.abs(range.getMax()));
        double scale = 1;
        if (largest >= HUGE) {
            // of a training that diverged: the axis would never come to an end of its ticks
            int power = (int) Math.floor(Math.log10(largest));
            scale = Math.pow(10, -power);
            chart.setTitle(title + ", times 1e" + power);
        }
        double least = range.getMin() * scale;
        double most = range.getMax() * scale;
        double spread = most - least;
        double margin =
                Math.max(MARGIN * (spread > 0 ? spread : Math.max(Math.abs(most), 1e-9)), FINEST * largest * scale);
        double low = least - margin;
        double high = most + margin;
        axes(chart, epochs, low, high);
        chart.getStyler()
                .setLegendPosition(LegendPosition.OutsideS)
                .setLegendLayout(LegendLayout.Horizontal)
                .setChartBackgroundColor(Color.WHITE);
        best.ifPresent(epoch -> chart.addSeries(
                        "best: epoch " + epoch, List.of((double) epoch, (double) epoch), List.of(low, high))
                .setMarker(SeriesMarkers.NONE)
                .setLineColor(BEST)
                .setLineStyle(SeriesLines.DASH_DASH));
        int number = 0;
        for (Map.Entry<String, List<Double>> curve : curves.entrySet()) {
            Color colour = number++ == 0 ? FIRST : SECOND;
            List<Double> at = new ArrayList<>();
            List<Double> values = new ArrayList<>();
            for (int i = 0; i < epochs.size(); i++) {
                // epochs that were not validated are drawn through
                if (Double.isFinite(curve.getValue().get(i))) {
                    at.add(epochs.get(i));
                    values.add(curve.getValue().get(i) * scale);
                }
            }
            chart.addSeries(curve.getKey(), at, values)
                    .setMarker(epochs.size() <= MOST_MARKED ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE)
                    .setMarkerColor(colour)
                    .setLineColor(colour);
        }
        return chart;
    }

    /** Whole epochs below, numbers of four digits at the side. */
    private static void axes(XYChart chart, List<Double> epochs, double low, double high) {
        double first = epochs.get(0);
        double last = epochs.get(epochs.size() - 1);
        double margin = last == first ? 1 : Math.max(0.5, (last - first) / MARGINS);
        // no tick between two epochs
        int width = (int) (PLOT * WIDTH / (last - first + 2 * margin));
        chart.getStyler()
                .setXAxisMin(first - margin)
                .setXAxisMax(last + margin)
                .setXAxisDecimalPattern("0")
                .setXAxisTickMarkSpacingHint(Math.max(TICK, width));
        chart.getStyler().setYAxisMin(low).setYAxisMax(high);
        chart.setCustomYAxisTickLabelsFormatter(
                value -> new BigDecimal(value, DIGITS).stripTrailingZeros().toPlainString());
    }
}
