package djinn.training.track;

import java.time.Duration;

/** When a sender goes on: once there is more, after a pause where something is away, and once more at the end. */
final class Pauses {

    private final MlflowPace pace;
    private Duration pause;
    private boolean fresh;

    /** Nothing is waited for but what is there, until it begins. */
    private boolean isEnding = true;

    /** Whether a try was made since the end began. */
    private boolean triedLast;

    Pauses(MlflowPace pace) {
        this.pace = pace;
        pause = pace.firstPause();
    }

    synchronized void begin() {
        isEnding = false;
    }

    /** There is more. */
    synchronized void wake() {
        fresh = true;
        notifyAll();
    }

    synchronized void end() {
        isEnding = true;
        notifyAll();
    }

    synchronized boolean isEnding() {
        return isEnding;
    }

    /** The next pause is short again. */
    synchronized void reset() {
        pause = pace.firstPause();
    }

    /** Returns how long the next pause is. */
    synchronized Duration length() {
        return pause;
    }

    /**
     * Waits.
     *
     * @param failed whether the server is away, so that more is no reason to go on
     * @param late whether something is to be tried again after a pause
     * @return whether to go on
     */
    synchronized boolean await(boolean failed, boolean late) {
        long until = System.nanoTime() + pause.toNanos();
        try {
            while (!isEnding && !(fresh && !failed) && !(late && System.nanoTime() >= until)) {
                wait(late ? Math.max(1, (until - System.nanoTime()) / 1_000_000) : 0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        if (late) {
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(pace.longestPause()) < 0 ? twice : pace.longestPause();
        }
        boolean hasMore = fresh && !failed;
        fresh = false;
        boolean lastTry = isEnding && late && !triedLast;
        triedLast |= isEnding;
        return !isEnding || hasMore || lastTry;
    }
}
