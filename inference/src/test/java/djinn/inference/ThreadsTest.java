package djinn.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Dataset;
import djinn.data.Digits;
import djinn.data.Pixels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** One classifier, many threads: same answers, an orderly end, no memory lost. */
@Timeout(120)
class ThreadsTest {

    private static final int THREADS = 64;

    @TempDir
    private static Path folder;

    private static Path run;
    private static List<Pixels> images;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeAll
    static void makeRun() throws IOException {
        run = TinyModels.run(folder);
        Dataset digits = Digits.splits().validation();
        images = IntStream.range(0, 8).mapToObj(i -> digits.image(i, 1)).toList();
    }

    @AfterEach
    void endThreads() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    private static byte[] png(Pixels image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image.toBufferedImage(), "png", out);
        return out.toByteArray();
    }

    @Test
    void manyThreadsGetTheAnswersOfOne() throws Exception {
        Path onnx = TinyModels.Onnx.usual().write(folder.resolve("threads.onnx"));
        for (Path model : List.of(run, onnx)) {
            try (ImageClassifier classifier = ImageClassifier.open(model)) {
                List<Classification> expected =
                        images.stream().map(classifier::predict).toList();
                CountDownLatch start = new CountDownLatch(1);
                List<Future<List<Classification>>> answers = new ArrayList<>();
                for (int t = 0; t < THREADS; t++) {
                    answers.add(threads.submit(() -> {
                        start.await();
                        return images.stream().map(classifier::predict).toList();
                    }));
                }
                start.countDown();
                for (Future<List<Classification>> answer : answers) {
                    assertThat(answer.get()).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void closingWhileInUseEndsEveryThreadInOneWay() throws Exception {
        ImageClassifier classifier = ImageClassifier.open(run);
        Classification expected = classifier.predict(images.get(0));
        AtomicInteger answered = new AtomicInteger();
        List<Future<String>> ends = new ArrayList<>();
        for (int t = 0; t < 16; t++) {
            ends.add(threads.submit(() -> {
                while (true) {
                    try {
                        assertThat(classifier.predict(images.get(0))).isEqualTo(expected);
                        answered.incrementAndGet();
                    } catch (IllegalStateException e) {
                        return e.getMessage();
                    }
                }
            }));
        }
        while (answered.get() < 50) {
            Thread.onSpinWait();
        }
        classifier.close();
        int atClose = answered.get();
        for (Future<String> end : ends) {
            assertThat(end.get()).isEqualTo("expected an open classifier, this one is closed; open another");
        }
        // a call may have been answered but not yet counted when the last one left
        assertThat(answered.get()).isLessThanOrEqualTo(atClose + 16);
        classifier.close();
    }

    @Test
    void closingWaitsForACallUnderWay() throws Exception {
        ImageClassifier classifier = ImageClassifier.open(run);
        Classification expected = classifier.predict(images.get(3));
        byte[] bytes = png(images.get(3));
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        InputStream slow = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized byte[] readAllBytes() {
                reading.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return super.readAllBytes();
            }
        };
        Future<Classification> answer = threads.submit(() -> classifier.predict(slow));
        reading.await();
        Future<?> closing = threads.submit(classifier::close);
        // until close has begun, calls are still answered
        while (true) {
            try {
                classifier.predict(images.get(0));
            } catch (IllegalStateException e) {
                break;
            }
        }
        assertThat(closing.isDone()).isFalse();
        assertThat(answer.isDone()).isFalse();
        goOn.countDown();
        assertThat(answer.get()).isEqualTo(expected);
        closing.get();
        assertThatThrownBy(() -> classifier.predictAll(images)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingFromInsideACallDoesNotWaitForItself() throws Exception {
        ImageClassifier classifier = ImageClassifier.open(run);
        Classification expected = classifier.predict(images.get(5));
        InputStream closing = new ByteArrayInputStream(png(images.get(5))) {
            @Override
            public synchronized byte[] readAllBytes() {
                classifier.close();
                return super.readAllBytes();
            }
        };
        assertThat(threads.submit(() -> classifier.predict(closing)).get()).isEqualTo(expected);
        assertThatThrownBy(() -> classifier.predict(images.get(5))).isInstanceOf(IllegalStateException.class);
        classifier.close();
    }

    @Test
    void aFailedCallLeavesTheGateFree() throws Exception {
        ImageClassifier classifier = ImageClassifier.open(run);
        assertThatThrownBy(() -> classifier.predict(new byte[] {1})).isInstanceOf(djinn.ops.DataException.class);
        threads.submit(classifier::close).get(30, TimeUnit.SECONDS);
    }

    /**
     * One call's arrays, kept, would be 220 kB: nine of 64 x 8 x 8 floats, nine of 96 x 4 x 4 and nine of 128 x 2 x 2. That
     * is 660 MB in 3,000 calls; what the heap grows by in them is at most the tolerance.
     */
    @Test
    @EnabledOnOs(OS.LINUX)
    void memoryStaysFlat() throws IOException {
        assertThat(growth(3_000)).as("kB").isLessThan(250_000);
    }

    @Test
    @Tag("slow")
    @EnabledOnOs(OS.LINUX)
    void memoryStaysFlatForLong() throws IOException {
        assertThat(growth(20_000)).as("kB").isLessThan(250_000);
    }

    /** By how many kB the process grows, after a warm-up, in as many calls on both engines. */
    private static long growth(int calls) throws IOException {
        Path onnx = TinyModels.Onnx.usual().write(folder.resolve("memory.onnx"));
        try (ImageClassifier torch = ImageClassifier.open(run);
                ImageClassifier ort = ImageClassifier.open(onnx)) {
            call(torch, ort, 500);
            long before = residentKilobytes();
            call(torch, ort, calls);
            return residentKilobytes() - before;
        }
    }

    private static void call(ImageClassifier torch, ImageClassifier ort, int calls) {
        for (int i = 0; i < calls; i++) {
            assertThat(torch.predict(images.get(i % images.size())).scores()).hasSize(10);
        }
        for (int i = 0; i < calls; i++) {
            assertThat(ort.predict(images.get(i % images.size())).scores()).hasSize(3);
        }
        System.gc();
    }

    private static long residentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
