package djinn.ops;

import ai.djl.pytorch.jni.JniUtils;

/**
 * A stretch of code whose operations compute on the calling thread alone, for small ones wait for a second thread longer than
 * it takes to do its part; to be closed by the thread that opened it. Such stretches may lie in one another.
 *
 * <p>Other threads of the process keep their number. Results may differ in their last digits.
 */
public final class SingleThread implements AutoCloseable {

    private static final ThreadLocal<Stretch> OF_THREAD = ThreadLocal.withInitial(Stretch::new);

    private final Stretch stretch;
    private boolean open = true;

    /** What the calling thread found, and how many scopes it is in. */
    private static final class Stretch {
        private int before;
        private int depth;
    }

    private SingleThread(Stretch stretch) {
        this.stretch = stretch;
    }

    /** Begins a stretch. */
    public static SingleThread open() {
        PyTorch.engine();
        Stretch stretch = OF_THREAD.get();
        if (stretch.depth == 0) {
            stretch.before = JniUtils.getNumThreads();
            if (stretch.before > 1) {
                JniUtils.setNumThreads(1);
                tellNewThreads(stretch.before);
            }
        }
        stretch.depth++;
        return new SingleThread(stretch);
    }

    /**
     * The engine keeps the last number it was told for threads that compute for the first time; told by a thread of no other
     * use, it leaves the caller's own as it is.
     */
    private static void tellNewThreads(int number) {
        Thread teller = new Thread(() -> JniUtils.setNumThreads(number), "djinn-threads");
        teller.setDaemon(true);
        teller.start();
        boolean interrupted = false;
        while (teller.isAlive()) {
            try {
                teller.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends the stretch; a second time, does nothing.
     *
     * @throws IllegalStateException if called by another thread than the one that opened it
     */
    @Override
    public void close() {
        if (!open) {
            return;
        }
        if (OF_THREAD.get() != stretch) {
            throw new IllegalStateException("expected to be closed by the thread that opened it, got "
                    + Thread.currentThread().getName());
        }
        open = false;
        stretch.depth--;
        if (stretch.depth == 0 && stretch.before > 1) {
            JniUtils.setNumThreads(stretch.before);
        }
    }
}
