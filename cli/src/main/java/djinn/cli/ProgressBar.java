package djinn.cli;

import djinn.training.TrainingEvent;
import djinn.training.TrainingListener;
import djinn.training.run.Lines;
import djinn.training.run.TrainLog;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/**
 * Shows a run: on a terminal, a bar that moves within its line and a line per epoch; elsewhere, plain lines only.
 *
 * <p>Written here rather than taken from a library: the line is one format call, and the libraries looked at write
 * carriage returns into pipes.
 */
final class ProgressBar implements TrainingListener {

    private static final int BAR = 24;
    private static final int SHOWN = 2;
    private static final long NANOS_BETWEEN_UPDATES = 100_000_000;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private final boolean terminal;
    private final TrainLog lines;
    private final int width;
    private final boolean blocks = Charset.defaultCharset().newEncoder().canEncode('█');
    private long lastUpdate;

    /** Shows a run; the width is that of the terminal, in columns. */
    ProgressBar(PrintWriter out, boolean terminal, int width) {
        this.out = out;
        this.width = width;
        this.terminal = terminal;
        this.lines = new TrainLog(line -> {
            out.println(terminal ? CLEAR_LINE + coloured(line) : line);
            out.flush();
        });
    }

    @Override
    public void on(TrainingEvent event) {
        if (!(event instanceof TrainingEvent.BatchEnded batch)) {
            lines.on(event);
        } else if (terminal && System.nanoTime() - lastUpdate > NANOS_BETWEEN_UPDATES) {
            lastUpdate = System.nanoTime();
            out.print(CLEAR_LINE + bar(batch, width, blocks));
            out.flush();
        }
    }

    /** One line of at most the width; the bar gets what the figures leave. */
    static String bar(TrainingEvent.BatchEnded batch, int width, boolean blocks) {
        Map<String, Double> first = new LinkedHashMap<>();
        batch.figures().get().entrySet().stream()
                .limit(SHOWN)
                .forEach(figure -> first.put(figure.getKey(), figure.getValue()));
        String before = String.format(Locale.ROOT, "epoch %d/%d ", batch.epoch() + 1, batch.epochs());
        String behind = String.format(
                Locale.ROOT,
                " %d/%d  %s  %.0f %s/s  %s left",
                batch.batch(),
                batch.batches(),
                Lines.figures(first),
                batch.speed().perSecond(),
                batch.speed().examples(),
                duration(batch.secondsLeft()));
        int room = Math.max(0, Math.min(BAR, width - 1 - before.length() - behind.length()));
        int filled = room * batch.batch() / batch.batches();
        String line =
                before + (blocks ? "█" : "#").repeat(filled) + (blocks ? "░" : ".").repeat(room - filled) + behind;
        return line.substring(0, Math.min(line.length(), Math.max(1, width - 1)));
    }

    private static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole >= 3600
                ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
    }

    private static String coloured(String line) {
        if (line.startsWith("warning:")) {
            return Ansi.AUTO.string("@|yellow warning:|@") + line.substring("warning:".length());
        }
        String best = "*best";
        return line.endsWith(best)
                ? line.substring(0, line.length() - best.length()) + Ansi.AUTO.string("@|green *best|@")
                : line;
    }
}
