package djinn.ops.download;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Closes a stream that has brought nothing for a while: reading from HTTP has no time limit of its own. */
final class StallWatch implements AutoCloseable {

    private final InputStream stream;
    private final Duration patience;
    private final Thread thread;
    private volatile long lastSign = System.nanoTime();
    private volatile boolean stalled;

    /** Begins to watch. */
    StallWatch(InputStream stream, Duration patience) {
        this.stream = stream;
        this.patience = patience;
        thread = new Thread(this::watch, "djinn-download-watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** Tells that bytes have come. */
    void alive() {
        lastSign = System.nanoTime();
    }

    /** Whether the stream was closed for bringing nothing. */
    boolean stalled() {
        return stalled;
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void watch() {
        try {
            long left = patience.toNanos();
            while (left > 0) {
                Thread.sleep(Math.max(1, left / 1_000_000));
                left = patience.toNanos() - (System.nanoTime() - lastSign);
            }
            stalled = true;
            stream.close();
        } catch (InterruptedException e) {
            // the transfer has ended
        } catch (IOException e) {
            // the reader learns of it
        }
    }
}
