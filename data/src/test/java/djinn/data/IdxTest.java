package djinn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {

    @TempDir
    private Path folder;

    /** A file whose value at i is i. */
    private static byte[] idx(int magic, int size, int... extents) {
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * extents.length + size).putInt(magic);
        Arrays.stream(extents).forEach(file::putInt);
        IntStream.range(0, size).forEach(i -> file.put((byte) i));
        return file.array();
    }

    private static byte[] images(int count) {
        return idx(0x803, count * 2 * 3, count, 2, 3);
    }

    private static byte[] labels(int... labels) {
        byte[] file = idx(0x801, labels.length, labels.length);
        for (int i = 0; i < labels.length; i++) {
            file[8 + i] = (byte) labels[i];
        }
        return file;
    }

    private static int[] labelsOf(Dataset data) {
        return IntStream.range(0, data.size()).map(data::label).toArray();
    }

    private static byte[] packed(byte[] contents) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(contents);
        }
        return out.toByteArray();
    }

    private Path file(String name, byte[] contents) throws IOException {
        return Files.write(folder.resolve(name), contents);
    }

    @Test
    void imagesAndLabelsArePlainOrPackedWhateverTheirNames() throws IOException {
        Path plain = file("images", images(4));
        Path packed = file("labels", packed(labels(7, 0, 255, 7)));
        IdxImages data = IdxImages.read(plain, Optional.of(packed));
        assertThat(data.size()).isEqualTo(4);
        assertThat(data.hasLabels()).isTrue();
        assertThat(labelsOf(data)).containsExactly(7, 0, 255, 7);
        assertThat(data.image(2, 1)).isEqualTo(new Pixels(2, 3, 1, new byte[] {12, 13, 14, 15, 16, 17}));
        assertThat(data.image(0, 3).value(0, 2, 1)).isEqualTo(2);

        IdxImages alone = IdxImages.read(file("images.gz", packed(images(40))), Optional.empty());
        assertThat(alone.hasLabels()).isFalse();
        assertThat(alone.label(39)).isZero();
        assertThat(alone.image(39, 1).value(1, 2, 0)).isEqualTo(239);
        assertThat(alone.name(39)).isEqualTo("images image 39");
    }

    private void assertRefused(byte[] contents, String... words) throws IOException {
        Path file = file("bad", contents);
        assertThatThrownBy(() -> IdxImages.read(file, Optional.empty()))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(words)
                .hasMessageStartingWith(file.toString())
                .hasMessageNotContaining("\n");
    }

    @Test
    void badFilesAreRefusedInOneLine() throws IOException {
        byte[] good = images(4);
        byte[] gzip = packed(good);
        assertRefused(new byte[0], "no IDX file of images", "00000803", "found nothing");
        assertRefused(new byte[] {0, 0}, "no IDX file of images", "found 0000");
        assertRefused("<html>404".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "found 3c68746d");
        assertRefused(labels(1, 2), "expected it to begin with 00000803, found 00000801", "swapped");
        assertRefused(idx(0xD03, 24, 1, 2, 3), "type 13, 3 axes");
        assertRefused(Arrays.copyOf(good, 11), "cut off within its header");
        assertRefused(Arrays.copyOf(good, good.length - 1), "expected 24 bytes for 4x2x3", "found 23");
        assertRefused(Arrays.copyOf(good, good.length + 1), "longer than the 24 bytes");
        assertRefused(idx(0x803, 0, 0, 28, 28), "at least 1", "0x28x28");
        assertRefused(idx(0x803, 5, -1, -1, -1), "at most 2 GiB");
        assertRefused(idx(0x803, 5, 1 << 20, 1 << 20, 1 << 24), "at most 2 GiB");
        assertRefused(Arrays.copyOf(gzip, gzip.length - 12), "cut off");
        byte[] damaged = gzip.clone();
        damaged[gzip.length - 6] ^= 1;
        assertRefused(damaged, "damaged");
        assertThatThrownBy(() -> IdxImages.read(folder.resolve("none"), Optional.empty()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("found nothing there");
        Path images = file("images", good);
        Path labels = file("labels", labels(1, 2, 3));
        assertThatThrownBy(() -> IdxImages.read(images, Optional.of(labels)))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("expected 4 labels", "found 3");
    }

    @Test
    void aFolderHasBothPartsUnderMnistsNames() throws IOException {
        file("train-images-idx3-ubyte.gz", packed(images(4)));
        file("train-labels-idx1-ubyte", labels(0, 1, 2, 1));
        file("t10k-images.idx3-ubyte", images(2));
        file("t10k-labels.idx1-ubyte", labels(3, 0));
        Splits splits = IdxFolder.read(folder, .2, 0);
        assertThat(splits.classes()).containsExactly("0", "1", "2", "3");
        assertThat(splits.train().size()).isEqualTo(4);
        assertThat(labelsOf(splits.validation())).containsExactly(3, 0);
        assertThat(splits.validation().name(1)).isEqualTo("t10k-images.idx3-ubyte image 1");

        Files.delete(folder.resolve("t10k-labels.idx1-ubyte"));
        assertThatThrownBy(() -> IdxFolder.read(folder, .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("for one part alone");
        file("val-images-idx3-ubyte", images(2));
        assertThatThrownBy(() -> IdxFolder.read(folder, .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("one held out");
    }

    @Test
    void oneFileAloneIsSplitByClass() throws IOException {
        assertThatThrownBy(() -> IdxFolder.read(folder, .2, 0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("found none");
        file("t10k-images-idx3-ubyte", images(20));
        file(
                "t10k-labels-idx1-ubyte",
                labels(IntStream.range(0, 20).map(i -> i % 2).toArray()));
        Splits splits = IdxFolder.read(folder, .2, 0);
        assertThat(splits.classes()).containsExactly("0", "1");
        assertThat(labelsOf(splits.validation())).containsExactlyInAnyOrder(0, 0, 1, 1);
        assertThat(splits.train().size()).isEqualTo(16);
        List<String> names =
                IntStream.range(0, 4).mapToObj(splits.validation()::name).toList();
        assertThat(IntStream.range(0, 16).mapToObj(splits.train()::name)).doesNotContainAnyElementsOf(names);
        assertThat(IdxFolder.read(folder, .2, 0).fingerprint()).isEqualTo(splits.fingerprint());
        assertThat(IdxFolder.read(folder, .2, 1).fingerprint()).isNotEqualTo(splits.fingerprint());

        Files.delete(folder.resolve("t10k-labels-idx1-ubyte"));
        Splits unlabelled = IdxFolder.read(folder, .25, 0);
        assertThat(unlabelled.classes()).containsExactly("0");
        assertThat(unlabelled.validation().size()).isEqualTo(5);
        assertThat(unlabelled.notes()).anyMatch(note -> note.contains("no labels"));
    }
}
