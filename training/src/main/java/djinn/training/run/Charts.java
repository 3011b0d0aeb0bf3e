package djinn.training.run;

import djinn.ops.AtomicFile;
import djinn.training.LearningRateFinder;
import djinn.training.metric.ConfusionMatrix;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the pictures of a run. */
public final class Charts {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int MOST_LABELLED = 40;

    private Charts() {}

    /**
     * Draws loss and accuracy over epochs, side by side.
     *
     * @param results the table
     * @param file a PNG file
     * @throws IOException if it cannot be written
     */
    public static void curves(Results results, Path file) throws IOException {
        XYChart loss = curve(results, "Loss", "loss", 1);
        XYChart accuracy = curve(results, "Accuracy, %", "accuracy", 100);
        try (OutputStream out = Files.newOutputStream(file)) {
            BitmapEncoder.saveBitmap(List.of(loss, accuracy), 1, 2, out, BitmapFormat.PNG);
        }
    }

    /**
     * Draws a confusion matrix: rows are true classes, darker cells hold more samples.
     *
     * @param matrix the counts
     * @param classes the names
     * @param file a PNG file
     * @throws IOException if it cannot be written
     */
    public static void confusion(ConfusionMatrix matrix, List<String> classes, Path file) throws IOException {
        int k = classes.size();
        int edge = Math.min(1600, 260 + 48 * Math.min(k, MOST_LABELLED));
        HeatMapChart chart = new HeatMapChartBuilder()
                .width(edge)
                .height(edge - 60)
                .title("Confusion matrix, " + Math.round(100 * 100 * matrix.value()) / 100.0 + " % right")
                .xAxisTitle("predicted")
                .yAxisTitle("true")
                .build();
        // the axis grows upwards: the first class goes to the top
        List<String> fromBelow =
                IntStream.range(0, k).mapToObj(i -> classes.get(k - 1 - i)).toList();
        Number[][] cells = new Number[k * k][];
        for (int x = 0; x < k; x++) {
            for (int y = 0; y < k; y++) {
                cells[x * k + y] = new Number[] {x, y, matrix.count(k - 1 - y, x)};
            }
        }
        chart.addSeries("samples", classes, fromBelow, Arrays.asList(cells));
        chart.getStyler()
                .setRangeColors(new Color[] {Color.WHITE, new Color(0x9ecae1), new Color(0x08519c)})
                .setShowValue(k <= MOST_LABELLED)
                .setHeatMapDecimalValueFormatter(value -> Long.toString(Math.round(value)))
                .setLegendVisible(false)
                .setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisTickMarkSpacingHint(24).setYAxisTickMarkSpacingHint(16);
        chart.getStyler().setXAxisLabelRotation(k > 12 || longest(classes) > 4 ? 60 : 0);
        try (OutputStream out = Files.newOutputStream(file)) {
            BitmapEncoder.saveBitmap(List.of(chart), 1, 1, out, BitmapFormat.PNG);
        }
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
        AtomicFile.write(
                file,
                channel ->
                        ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", Channels.newOutputStream(channel)));
    }

    private static void dots(XYChart chart, String name, List<Double> x, List<Double> y) {
        chart.addSeries(name, x, y)
                .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
                .setMarker(SeriesMarkers.CIRCLE);
    }

    private static int longest(List<String> classes) {
        return classes.stream().mapToInt(String::length).max().orElse(0);
    }

    private static XYChart curve(Results results, String title, String figure, double factor) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("epoch")
                .build();
        chart.getStyler()
                .setLegendPosition(factor == 1 ? LegendPosition.InsideNE : LegendPosition.InsideSE)
                .setChartBackgroundColor(Color.WHITE);
        for (String part : List.of("train", "val")) {
            List<Double> values = results.column(part + "_" + figure).stream()
                    .map(value -> value * factor)
                    .toList();
            if (!values.isEmpty()) {
                chart.addSeries(part, results.column("epoch"), values).setMarker(SeriesMarkers.NONE);
            }
        }
        return chart;
    }
}
