package djinn.training.run;

import djinn.ops.AtomicFile;
import djinn.training.LearningRateFinder;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.OptionalInt;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the pictures of a run. */
public final class Charts {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int MOST_MARKED = 30;
    private static final int MOST_TICKS = 10;
    private static final Color BEST = new Color(0xd62728);

    private Charts() {}

    /**
     * Draws loss, accuracy and learning rate over epochs, side by side, with a mark at the best epoch.
     *
     * @param results the table
     * @param best the best epoch, counted from 1; empty if there is none
     * @param file a PNG file, which is replaced when it is complete
     * @throws djinn.ops.DataException if it cannot be written
     */
    public static void curves(Results results, OptionalInt best, Path file) {
        XYChart loss = curve(results, "Loss", List.of("train_loss", "val_loss"), 1, best);
        XYChart accuracy = curve(results, "Accuracy, %", List.of("train_accuracy", "val_accuracy"), 100, best);
        XYChart rate = curve(results, "Learning rate", List.of("lr"), 1, OptionalInt.empty());
        BufferedImage image = new BufferedImage(3 * WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        int column = 0;
        for (XYChart chart : List.of(loss, accuracy, rate)) {
            graphics.drawImage(BitmapEncoder.getBufferedImage(chart), WIDTH * column++, 0, null);
        }
        graphics.dispose();
        write(image, file);
    }

    /** Writes an image as a PNG file, which is replaced when it is complete. */
    static void write(BufferedImage image, Path file) {
        AtomicFile.write(file, channel -> ImageIO.write(image, "png", Channels.newOutputStream(channel)));
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
        write(BitmapEncoder.getBufferedImage(chart), file);
    }

    private static void dots(XYChart chart, String name, List<Double> x, List<Double> y) {
        chart.addSeries(name, x, y)
                .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
                .setMarker(SeriesMarkers.CIRCLE);
    }

    /** Columns of the table over the epochs; single points can be seen where there are few. */
    private static XYChart curve(Results results, String title, List<String> columns, double factor, OptionalInt best) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("epoch")
                .build();
        boolean falling = columns.contains("val_loss");
        chart.getStyler()
                .setLegendPosition(falling || columns.size() == 1 ? LegendPosition.InsideNE : LegendPosition.InsideSE)
                .setChartBackgroundColor(Color.WHITE);
        List<Double> epochs = results.column("epoch");
        int first = epochs.isEmpty() ? 1 : (int) Math.round(epochs.get(0));
        int last = first + Math.max(0, epochs.size() - 1);
        double margin = Math.max(0.5, (last - first) / 50.0);
        int every = Math.max(1, (last - first) / MOST_TICKS + 1);
        chart.getStyler().setXAxisMin(first - margin).setXAxisMax(last + margin);
        chart.setCustomXAxisTickLabelsFormatter(
                value -> value == Math.rint(value) ? Long.toString(Math.round(value)) : "");
        chart.getStyler().setXAxisTickMarkSpacingHint(Math.max(30, WIDTH * every / Math.max(1, last - first + 1)));
        for (String column : columns) {
            List<Double> values =
                    results.column(column).stream().map(value -> value * factor).toList();
            if (values.stream().anyMatch(Double::isFinite)) {
                chart.addSeries(column.replaceFirst("_.*", ""), epochs, values)
                        .setMarker(epochs.size() <= MOST_MARKED ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
            }
            if (column.startsWith("val_") && best.isPresent()) {
                mark(chart, epochs, values, best.getAsInt());
            }
        }
        return chart;
    }

    private static void mark(XYChart chart, List<Double> epochs, List<Double> values, int best) {
        int row = epochs.indexOf((double) best);
        if (row >= 0 && row < values.size() && Double.isFinite(values.get(row))) {
            XYSeries mark = chart.addSeries("best: epoch " + best, List.of(epochs.get(row)), List.of(values.get(row)));
            mark.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
            mark.setMarker(SeriesMarkers.DIAMOND).setMarkerColor(BEST);
        }
    }
}
