package djinn.cli;

import djinn.ops.download.DownloadListener;
import djinn.zoo.weights.WeightSource;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Shows a download: on a terminal, a bar that moves within its line until it is closed; elsewhere, a plain line. */
final class DownloadProgress implements DownloadListener, AutoCloseable {

    private static final int BAR = 24;
    private static final long NANOS_BETWEEN_UPDATES = 100_000_000;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private final boolean terminal;
    private final int width;
    private final String name;
    private final boolean blocks = Charset.defaultCharset().newEncoder().canEncode('█');
    private boolean begun;
    private long began;
    private long first;
    private long lastUpdate;

    /** Shows the download of a name; the width is that of the terminal, in columns. */
    DownloadProgress(PrintWriter out, boolean terminal, int width, String name) {
        this.out = out;
        this.terminal = terminal;
        this.width = width;
        this.name = name;
    }

    /** Returns the file that weights given to a command mean, downloaded with this display if need be. */
    static Path resolve(String given, CommandSpec spec) {
        if (given.isBlank()) {
            throw new ParameterException(spec.commandLine(), "expected weights as FILE or djinn:NAME, got none");
        }
        boolean terminal = Terminal.present();
        int width = terminal ? spec.usageMessage().autoWidth(true).width() : 0;
        String name = given.replaceFirst("^" + WeightSource.PREFIX, "");
        // beside the answer, which may be read by another program
        PrintWriter out = Notes.progress(spec.commandLine().getErr(), spec);
        try (DownloadProgress progress = new DownloadProgress(out, terminal, width, name)) {
            return WeightSource.resolve(given, progress);
        }
    }

    @Override
    public void progress(long done, OptionalLong total) {
        long now = System.nanoTime();
        if (!begun) {
            begun = true;
            began = now;
            first = done;
            if (!terminal) {
                String going = done > 0 ? ", going on from " + megabytes(done) + " MB" : "";
                out.println("downloading " + name
                        + (total.isPresent() ? ", " + megabytes(total.getAsLong()) + " MB" : "") + going);
                out.flush();
            }
        }
        if (terminal && now - lastUpdate > NANOS_BETWEEN_UPDATES) {
            lastUpdate = now;
            long milliseconds = Math.max(1, (now - began) / 1_000_000);
            long perSecond = (done - first) * 1000 / milliseconds;
            out.print(CLEAR_LINE + bar(name, done, total, perSecond, width, blocks));
            out.flush();
        }
    }

    @Override
    public void waiting() {
        out.println(name + " is being downloaded by another process; waiting for it");
        out.flush();
    }

    @Override
    public void close() {
        if (terminal && begun) {
            out.print(CLEAR_LINE);
            out.flush();
        }
    }

    /** One line of at most the width; the bar gets what the figures leave. */
    static String bar(String name, long done, OptionalLong total, long perSecond, int width, boolean blocks) {
        String of = total.isPresent() ? "/" + megabytes(total.getAsLong()) : "";
        String behind = String.format(Locale.ROOT, " %s%s MB  %s MB/s", megabytes(done), of, megabytes(perSecond));
        int room = Math.max(0, Math.min(BAR, width - 2 - name.length() - behind.length()));
        long whole = Math.max(1, total.orElse(Long.MAX_VALUE));
        int filled = (int) (room * ((double) Math.min(done, whole) / whole));
        String line =
                name + " " + (blocks ? "█" : "#").repeat(filled) + (blocks ? "░" : ".").repeat(room - filled) + behind;
        return line.substring(0, Math.min(line.length(), Math.max(1, width - 1)));
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
    }
}
