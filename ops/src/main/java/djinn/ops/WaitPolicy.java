package djinn.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * How the engine's threads wait for one another within an operation: by spinning while they have the processors to
 * themselves, which is quickest, and by sleeping while other programs use them.
 *
 * <p>A thread that spins keeps its processor from the one it waits for. Beside one busy neighbour that costs a small
 * network 97 percent of its speed. The engine's OpenMP library (GNU's) reads its policy once, when it is loaded; but
 * whenever it manages more threads than there are processors, it spins for a three-hundredth of the time only. So while
 * others are busy, a thread here holds a team of OpenMP threads that does nothing, and the library's own rule does the
 * rest. Results are the same to the bit.
 *
 * <p>Works on Linux, where the engine uses all processors the process may run on; elsewhere, and where the environment
 * sets the policy ({@code OMP_WAIT_POLICY}, {@code GOMP_SPINCOUNT}), it does nothing.
 */
public final class WaitPolicy {

    private static final Path STAT = Path.of("/proc/stat");
    private static final Path SELF_STAT = Path.of("/proc/self/stat");
    private static final Path SELF_STATUS = Path.of("/proc/self/status");

    private static final long MILLIS_BETWEEN_LOOKS = 500;

    /** Processors' worth of other programs from which the machine counts as shared, and below which as free again. */
    private static final double BUSY = 0.25;

    private static final double FREE = 0.15;

    /** Looks in a row that must find the machine free. */
    private static final int CALM = 4;

    /** More elements than one thread takes on by itself. */
    private static final long WORTH_A_TEAM = 1 << 17;

    private static int watches;
    private static Watcher watcher;

    private WaitPolicy() {}

    /** Ends with {@link #close()}. */
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Adapts the policy from now on to what other programs do.
     *
     * @return to be closed when the work is done; there may be several at a time
     */
    public static synchronized Watch watch() {
        if (watches++ == 0 && applies()) {
            watcher = new Watcher();
            watcher.start();
        }
        AtomicBoolean open = new AtomicBoolean(true);
        return () -> {
            if (open.getAndSet(false)) {
                end();
            }
        };
    }

    private static synchronized void end() {
        if (--watches == 0 && watcher != null) {
            watcher.interrupt();
            watcher = null;
        }
    }

    private static boolean applies() {
        if (System.getenv("OMP_WAIT_POLICY") != null
                || System.getenv("GOMP_SPINCOUNT") != null
                || !Files.isReadable(STAT)
                || !Files.isReadable(SELF_STATUS)) {
            return false;
        }
        int threads = PyTorch.threads();
        try {
            return threads > 1 && threads >= Reading.allowedProcessors().size();
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * What the system counts, in hundredths of a second since it began.
     *
     * @param all what all programs used of the processors that this process may run on
     * @param own what this process used
     * @param nanos when
     */
    record Reading(long all, long own, long nanos) {

        static Reading now(Set<Integer> processors) throws IOException {
            return of(Files.readString(STAT), Files.readString(SELF_STAT), processors, System.nanoTime());
        }

        static Set<Integer> allowedProcessors() throws IOException {
            String list = Files.readString(SELF_STATUS)
                    .lines()
                    .filter(line -> line.startsWith("Cpus_allowed_list:"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no list of allowed processors"));
            return Arrays.stream(Threads.numbers(list.substring(list.indexOf(':') + 1)))
                    .boxed()
                    .collect(Collectors.toSet());
        }

        /** Reads the texts of {@code /proc/stat} and {@code /proc/self/stat}; proc(5) says what stands where. */
        static Reading of(String stat, String selfStat, Set<Integer> processors, long nanos) {
            long all = stat.lines()
                    .map(line -> line.split("\\s+", -1))
                    .filter(fields -> fields[0].matches("cpu\\d+")
                            && processors.contains(Integer.valueOf(fields[0].substring(3))))
                    .mapToLong(Reading::busy)
                    .sum();
            // the name, in parentheses, may hold anything
            String[] own = selfStat.substring(selfStat.lastIndexOf(')') + 2).split(" ", -1);
            return new Reading(all, Long.parseLong(own[11]) + Long.parseLong(own[12]), nanos);
        }

        /** User, nice, system, irq and softirq; not idle and waiting for disks. */
        private static long busy(String[] fields) {
            return Long.parseLong(fields[1])
                    + Long.parseLong(fields[2])
                    + Long.parseLong(fields[3])
                    + Long.parseLong(fields[6])
                    + Long.parseLong(fields[7]);
        }

        /** Returns how many processors' worth of time other programs took since another reading. */
        double othersSince(Reading before) {
            double hundredths = (nanos - before.nanos) / 1e7;
            return ((all - before.all) - (own - before.own)) / hundredths;
        }
    }

    /** Looks every half second whether others are busy, and keeps an idle team while they are. */
    private static final class Watcher extends Thread {

        private IdleTeam team;

        Watcher() {
            super("djinn-wait-policy");
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                Set<Integer> processors = Reading.allowedProcessors();
                Reading before = Reading.now(processors);
                int calm = 0;
                while (true) {
                    Thread.sleep(MILLIS_BETWEEN_LOOKS);
                    Reading now = Reading.now(processors);
                    double others = now.othersSince(before);
                    before = now;
                    calm = others < FREE ? calm + 1 : 0;
                    if (others > BUSY && team == null) {
                        team = new IdleTeam();
                        team.start();
                    } else if (calm >= CALM) {
                        release();
                    }
                }
            } catch (InterruptedException e) {
                // the work is done
            } catch (IOException | RuntimeException e) {
                // a system that tells otherwise: the library's own policy stands
            } finally {
                release();
            }
        }

        private void release() {
            if (team != null) {
                team.done.countDown();
                team = null;
            }
        }
    }

    /** A thread with OpenMP threads of its own, which sleep; the library lets them go when it ends. */
    private static final class IdleTeam extends Thread {

        private final CountDownLatch done = new CountDownLatch(1);

        IdleTeam() {
            super("djinn-idle-team");
            setDaemon(true);
        }

        @Override
        public void run() {
            try (NDManager manager = PyTorch.newManager()) {
                NDArray ones = manager.ones(new Shape(WORTH_A_TEAM));
                ones.addi(ones);
            }
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
