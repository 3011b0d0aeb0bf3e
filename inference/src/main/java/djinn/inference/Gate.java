package djinn.inference;

import java.util.HashMap;
import java.util.Map;

/**
 * Lets calls in until it is closed, and then waits for those that are inside.
 *
 * <p>A thread that closes it from inside a call does not wait for itself: what is to be released then is so when the last
 * call leaves.
 */
public final class Gate {

    private final Map<Thread, Integer> inside = new HashMap<>();
    private final String what;
    private final Runnable release;
    private boolean closed;
    private boolean released;

    /**
     * An open gate.
     *
     * @param what what messages call what is behind it
     * @param release what is done when it is closed and all have left
     */
    public Gate(String what, Runnable release) {
        this.what = what;
        this.release = release;
    }

    /** A stay inside, which ends when it is closed. */
    public interface Entry extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Goes in.
     *
     * @return to be closed on leaving
     * @throws IllegalStateException if the gate is closed, and the thread is not inside already
     */
    public synchronized Entry enter() {
        Thread thread = Thread.currentThread();
        if (closed && !inside.containsKey(thread)) {
            throw new IllegalStateException("expected an open " + what + ", this one is closed; open another");
        }
        inside.merge(thread, 1, Integer::sum);
        return () -> leave(thread);
    }

    private synchronized void leave(Thread thread) {
        inside.compute(thread, (key, times) -> times == 1 ? null : times - 1);
        if (closed && inside.isEmpty()) {
            releaseOnce();
        }
    }

    /** Closes, and waits until all others have left; whoever closes it again waits likewise. */
    public synchronized void close() {
        closed = true;
        if (inside.isEmpty()) {
            releaseOnce();
        }
        if (inside.containsKey(Thread.currentThread())) {
            return;
        }
        boolean interrupted = false;
        while (!released) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void releaseOnce() {
        if (!released) {
            released = true;
            try {
                release.run();
            } finally {
                notifyAll();
            }
        }
    }
}
