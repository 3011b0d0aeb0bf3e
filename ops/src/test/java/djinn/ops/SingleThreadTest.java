package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One thread's operations are told to compute alone; nobody else's are. */
class SingleThreadTest {

    private int found;

    @BeforeEach
    void three() {
        found = PyTorch.threads();
        JniUtils.setNumThreads(3);
    }

    @AfterEach
    void restore() {
        JniUtils.setNumThreads(found);
    }

    @Test
    void holdsForTheThreadUntilTheLastIsClosed() {
        try (SingleThread first = SingleThread.open()) {
            assertThat(PyTorch.threads()).isEqualTo(1);
            SingleThread second = SingleThread.open();
            first.close();
            first.close();
            assertThat(PyTorch.threads()).isEqualTo(1);
            second.close();
            assertThat(PyTorch.threads()).isEqualTo(3);
        }
        assertThat(PyTorch.threads()).isEqualTo(3);
    }

    /** A thread that computes for the first time meanwhile, and one that has computed before. */
    @Test
    void othersKeepTheirNumber() {
        try (SingleThread alone = SingleThread.open()) {
            assertThat(CompletableFuture.supplyAsync(PyTorch::threads, SingleThreadTest::inNewThread)
                            .join())
                    .isEqualTo(3);
            assertThat(PyTorch.threads()).isEqualTo(1);
        }
    }

    @Test
    void anotherThreadDoesNotCloseIt() {
        try (SingleThread alone = SingleThread.open()) {
            CompletableFuture<Void> closed = CompletableFuture.runAsync(alone::close, SingleThreadTest::inNewThread);
            assertThatThrownBy(closed::join)
                    .hasRootCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected to be closed by the thread that opened it");
            assertThat(PyTorch.threads()).isEqualTo(1);
        }
    }

    private static void inNewThread(Runnable task) {
        new Thread(task).start();
    }
}
