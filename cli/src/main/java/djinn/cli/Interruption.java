package djinn.cli;

import java.util.concurrent.CountDownLatch;

/**
 * What Ctrl-C or SIGTERM does while something runs: asks it to save and end, and holds the process until this is closed.
 */
final class Interruption implements AutoCloseable {

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    /** Begins to watch; what asks to stop is called from another thread. */
    Interruption(Runnable stop) {
        hook = new Thread(() -> {
            stop.run();
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending already, which is what the hook was for
        }
    }
}
