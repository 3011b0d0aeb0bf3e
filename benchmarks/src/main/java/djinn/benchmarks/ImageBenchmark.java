package djinn.benchmarks;

import djinn.data.Augmentation;
import djinn.data.ImageFiles;
import djinn.data.Pixels;
import djinn.data.Preprocessing;
import djinn.data.RandAugment;
import djinn.data.RandomAffine;
import djinn.data.RandomHorizontalFlip;
import djinn.data.RandomResizedCrop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A photo of 500x375 on its way to a normalised 224x224 input, step by step. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ImageBenchmark {

    private static final int SIZE = 224;

    private final Preprocessing preprocessing = new Preprocessing(
            SIZE, SIZE, 3, List.of(.485, .456, .406), List.of(.229, .224, .225), Preprocessing.Fit.CROP, .875);
    private final Augmentation crop = new RandomResizedCrop(List.of(.08, 1.), List.of(3 / 4., 4 / 3.));
    private final Augmentation flip = new RandomHorizontalFlip(1);
    private final FloatBuffer batch = ByteBuffer.allocateDirect(SIZE * SIZE * 3 * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    private final SplittableRandom random = new SplittableRandom(1);
    private final Augmentation affine = new RandomAffine(12, .1, List.of(.85, 1.15), 10, 0);
    private final Augmentation policy = new RandAugment(2, 9, 31, 0);
    private Pixels photo;
    private Pixels fitted;
    private byte[] jpeg;

    /** Waves of colour and a little noise: about as many bytes as a photo. */
    @Setup
    public void draw() throws IOException {
        byte[] values = new byte[375 * 500 * 3];
        for (int i = 0; i < values.length; i++) {
            int x = i / 3 % 500;
            int y = i / 1500;
            double wave = Math.sin(x / (11. + i % 3)) + Math.cos(y / 17. + i % 3);
            values[i] = (byte) (128 + 50 * wave + random.nextInt(16));
        }
        photo = new Pixels(375, 500, 3, values);
        fitted = preprocessing.fit(photo);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(photo.toBufferedImage(), "jpg", bytes);
        jpeg = bytes.toByteArray();
    }

    /** JPEG to pixels. */
    @Benchmark
    public Pixels decode() {
        return ImageFiles.decode(jpeg, "photo", 3);
    }

    /** Resizing to 256 and cutting out the centre. */
    @Benchmark
    public Pixels fit() {
        return preprocessing.fit(photo);
    }

    /** A box of random size, resized. */
    @Benchmark
    public Pixels randomResizedCrop() {
        return crop.apply(photo, SIZE, SIZE, random);
    }

    /** Left for right. */
    @Benchmark
    public Pixels flip() {
        return flip.apply(fitted, SIZE, SIZE, random);
    }

    /** Rotated, moved, scaled and sheared. */
    @Benchmark
    public Pixels affine() {
        return affine.apply(fitted, SIZE, SIZE, random);
    }

    /** Two random operations. */
    @Benchmark
    public Pixels randAugment() {
        return policy.apply(fitted, SIZE, SIZE, random);
    }

    /** Bytes to normalised floats in a batch's memory: collation. */
    @Benchmark
    public FloatBuffer normalise() {
        batch.clear();
        preprocessing.normalise(fitted, batch);
        return batch;
    }
}
