package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Weights by name, whatever wrote them: safetensors, or PyTorch's own files.
 *
 * @param file where they come from
 * @param preference which are taken where there are averaged and plain ones
 * @param arrays by name, as the file has them; halves are widened to float32
 * @param notes what was chosen and left out, a line each
 */
public record WeightFile(Path file, Preference preference, Map<String, NDArray> arrays, List<String> notes) {

    /** What the first pickle of PyTorch's old format holds, and where: behind a protocol and maybe a frame. */
    private static final String MAGIC_NUMBER = "\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019";

    private static final int FIRST = 32;

    /** Copies the notes. */
    public WeightFile {
        notes = List.copyOf(notes);
    }

    /**
     * Reads all arrays of a file; what it is, its first bytes tell.
     *
     * @param file safetensors, or a state dict as {@code torch.save} writes it, by itself or in a checkpoint
     * @param manager owns the arrays
     * @param preference which are taken where there are averaged and plain ones
     * @return the weights
     * @throws DataException if the file is missing, damaged, or holds no weights
     */
    public static WeightFile read(Path file, NDManager manager, Preference preference) {
        if (isPyTorch(file)) {
            return PyTorchFile.read(file, manager, preference);
        }
        try (Safetensors weights = Safetensors.open(file)) {
            weights.verifyChecksum();
            return new WeightFile(file, preference, weights.readAll(manager), List.of());
        }
    }

    /** Returns the same without what wraps any model: {@code module.} and {@code _orig_mod.} before the names. */
    public WeightFile withoutWrappers() {
        NameFit bare = NameFit.withoutWrappers(arrays);
        List<String> all = new ArrayList<>(notes);
        all.addAll(bare.notes());
        return new WeightFile(file, preference, bare.arrays(), all);
    }

    /**
     * Tells whether a file is PyTorch's own: a zip or a pickle.
     *
     * @param file the file
     * @return false if it is anything else, or missing
     */
    public static boolean isPyTorch(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer first = ByteBuffer.allocate(FIRST);
            while (first.hasRemaining() && channel.read(first) >= 0) {
                // a channel may give less at once
            }
            String begin = new String(first.array(), 0, first.position(), StandardCharsets.ISO_8859_1);
            // as a safetensors length, what stands there would be absurd
            return begin.startsWith("PK")
                    || begin.startsWith("\u0080\u0002\u008a")
                    || (begin.startsWith("\u0080") && begin.contains(MAGIC_NUMBER));
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }
}
