package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Weights by name, whatever wrote them: safetensors, or PyTorch's own files. */
public final class WeightFile {

    private WeightFile() {}

    /**
     * Reads all arrays of a file; what it is, its first bytes tell.
     *
     * @param file safetensors, or a state dict as {@code torch.save} writes it
     * @param manager owns the arrays
     * @return the arrays by name; halves are widened to float32
     * @throws DataException if the file is missing, damaged, or asks for more than tensors
     */
    public static Map<String, NDArray> read(Path file, NDManager manager) {
        if (isPyTorch(file)) {
            return PyTorchFile.read(file, manager);
        }
        try (Safetensors weights = Safetensors.open(file)) {
            weights.verifyChecksum();
            return weights.readAll(manager);
        }
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
            ByteBuffer first = ByteBuffer.allocate(4);
            if (channel.read(first, 0) < 4) {
                return false;
            }
            boolean zip = first.get(0) == 'P' && first.get(1) == 'K';
            // a pickle of protocol 2 that begins with the magic number; as a safetensors length it would be absurd
            return zip || ((first.get(0) & 0xFF) == 0x80 && first.get(1) == 2 && (first.get(2) & 0xFF) == 0x8a);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }
}
