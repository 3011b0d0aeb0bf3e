package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.zoo.weights.Unpickler.Refused;
import djinn.zoo.weights.Unpickler.Storage;
import djinn.zoo.weights.Unpickler.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * State dicts that {@code torch.save} wrote, {@code .pth} or {@code .pt}: the zip format of PyTorch 1.6 and later, and
 * the one before it.
 *
 * <p>Only tensors are taken out, by an {@link Unpickler} that can build nothing else. A dictionary inside the file under
 * {@code state_dict}, {@code model} or {@code model_state_dict} counts as the state dict, and a {@code module.} before
 * every key is dropped.
 */
final class PyTorchFile {

    private static final int MAX_PICKLE = 64 << 20;
    private static final long LEGACY_PROTOCOL = 1001;
    private static final List<String> NESTED = List.of("state_dict", "model_state_dict", "model", "net");

    private final Path file;
    private final NDManager manager;
    private final Map<String, ByteBuffer> storages = new HashMap<>();

    private interface Storages {
        ByteBuffer bytes(Storage storage) throws IOException, Refused;
    }

    private PyTorchFile(Path file, NDManager manager) {
        this.file = file;
        this.manager = manager;
    }

    /** Reads all tensors by name, in the file's order, owned by the manager; halves are widened to float32. */
    static Map<String, NDArray> read(Path file, NDManager manager) {
        PyTorchFile reader = new PyTorchFile(file, manager);
        try {
            return isZip(file) ? reader.readZip() : reader.readLegacy();
        } catch (Refused e) {
            throw new DataException(file + ": cannot be read as a PyTorch state dict: " + e.getMessage(), e);
        } catch (IOException e) {
            throw damaged(file, AtomicFile.reason(e), e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw damaged(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static DataException damaged(Path file, String reason, Exception cause) {
        return new DataException(
                file + ": is damaged or no PyTorch state dict: " + reason + "; download it again", cause);
    }

    private static boolean isZip(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer magic = ByteBuffer.allocate(2);
            channel.read(magic, 0);
            return magic.get(0) == 'P' && magic.get(1) == 'K';
        }
    }

    private Map<String, NDArray> readZip() throws IOException, Refused {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry pickle = zip.stream()
                    .filter(entry -> entry.getName().endsWith("/data.pkl"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("expected data.pkl in it, found none"));
            String root = pickle.getName().substring(0, pickle.getName().length() - "data.pkl".length());
            ByteBuffer program = ByteBuffer.wrap(bytes(zip, pickle, MAX_PICKLE));
            return tensors(new Unpickler(program).read(), storage -> {
                ZipEntry entry = zip.getEntry(root + "data/" + storage.key());
                if (entry == null) {
                    throw new Refused("the storage " + storage.key() + " is missing");
                }
                long size = Math.multiplyExact(
                        storage.elements(), (long) storage.dtype().size());
                if (entry.getSize() != size) {
                    throw new Refused(
                            "the storage " + storage.key() + " has " + entry.getSize() + " bytes, expected " + size);
                }
                return ByteBuffer.wrap(bytes(zip, entry, Integer.MAX_VALUE - 8));
            });
        }
    }

    /** Reads what an entry says it holds, and not a byte more: a bomb that unpacks to more is cut short. */
    private static byte[] bytes(ZipFile zip, ZipEntry entry, int most) throws IOException, Refused {
        if (entry.getSize() < 0 || entry.getSize() > most) {
            throw new Refused(entry.getName() + " has " + entry.getSize() + " bytes, expected at most " + most);
        }
        if (entry.getMethod() != ZipEntry.STORED) {
            throw new Refused(entry.getName() + " is compressed, which torch.save never does");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes((int) entry.getSize());
            if (bytes.length < entry.getSize()) {
                throw new Refused(entry.getName() + " ends early");
            }
            return bytes;
        }
    }

    /** Magic number, protocol and system as pickles, the state dict, the keys of the storages, then their bytes. */
    private Map<String, NDArray> readLegacy() throws IOException, Refused {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new Refused("a file of the old format may have 2 GiB at most; save it anew with a newer PyTorch");
            }
            ByteBuffer in = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            Unpickler unpickler = new Unpickler(in);
            unpickler.read();
            if (!Long.valueOf(LEGACY_PROTOCOL).equals(unpickler.read())) {
                throw new Refused("it does not begin as torch.save begins a file");
            }
            unpickler.read();
            Object root = unpickler.read();
            List<?> keys = unpickler.read() instanceof List<?> list ? list : List.of();
            Map<String, Integer> positions = new HashMap<>();
            return tensors(root, storage -> {
                if (positions.isEmpty()) {
                    locate(in, keys, root, positions);
                }
                Integer position = positions.get(storage.key());
                long size = Math.multiplyExact(
                        storage.elements(), (long) storage.dtype().size());
                if (position == null || position + size > in.limit()) {
                    throw new Refused("the storage " + storage.key() + " is missing or ends early");
                }
                return in.slice(position, (int) size);
            });
        }
    }

    private static void locate(ByteBuffer in, List<?> keys, Object root, Map<String, Integer> positions)
            throws Refused {
        Map<String, Dtype> dtypes = new HashMap<>();
        stateDict(root).values().forEach(value -> {
            if (value instanceof Tensor tensor) {
                dtypes.put(tensor.storage().key(), tensor.storage().dtype());
            }
        });
        for (Object key : keys) {
            Dtype dtype = dtypes.get(key);
            if (dtype == null) {
                throw new Refused("the storage " + key + " belongs to no tensor of the state dict");
            }
            if (in.remaining() < Long.BYTES) {
                throw new Refused("the file ends early");
            }
            long size = Math.multiplyExact(in.getLong(), (long) dtype.size());
            if (size < 0 || size > in.remaining()) {
                throw new Refused("the file ends early");
            }
            positions.put((String) key, in.position());
            in.position(in.position() + (int) size);
        }
    }

    private Map<String, NDArray> tensors(Object root, Storages source) throws IOException, Refused {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        Map<?, ?> state = stateDict(root);
        boolean wrapped =
                state.keySet().stream().allMatch(key -> String.valueOf(key).startsWith("module."));
        for (Map.Entry<?, ?> entry : state.entrySet()) {
            if (entry.getKey() instanceof String key && entry.getValue() instanceof Tensor tensor) {
                arrays.put(wrapped ? key.substring("module.".length()) : key, array(tensor, source));
            }
        }
        if (arrays.isEmpty()) {
            throw new Refused("there are no tensors in it");
        }
        return arrays;
    }

    private static Map<?, ?> stateDict(Object root) throws Refused {
        if (!(root instanceof Map<?, ?> map)) {
            throw new Refused("expected a dictionary of tensors; a whole pickled model cannot be read, save its"
                    + " state_dict()");
        }
        for (String key : NESTED) {
            if (map.get(key) instanceof Map<?, ?> nested) {
                return nested;
            }
        }
        return map;
    }

    private NDArray array(Tensor tensor, Storages source) throws IOException, Refused {
        Storage storage = tensor.storage();
        int count = check(tensor);
        ByteBuffer bytes = storages.get(storage.key());
        if (bytes == null) {
            bytes = source.bytes(storage);
            storages.put(storage.key(), bytes);
        }
        int width = storage.dtype().size();
        ByteBuffer packed = ByteBuffer.allocate(Math.multiplyExact(count, width));
        long[] index = new long[tensor.shape().size()];
        for (int i = 0; i < count; i++) {
            long element = tensor.offset();
            for (int axis = 0; axis < index.length; axis++) {
                element += index[axis] * tensor.strides().get(axis);
            }
            packed.put(bytes.slice((int) (element * width), width));
            for (int axis = index.length - 1;
                    axis >= 0 && ++index[axis] == tensor.shape().get(axis);
                    axis--) {
                index[axis] = 0;
            }
        }
        Dtype dtype = storage.dtype();
        int size = Math.multiplyExact(count, dtype.arrayType().getNumOfBytes());
        ByteBuffer out = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        dtype.decode(packed.flip(), out);
        return manager.create(out.flip(), new Shape(tensor.shape()), dtype.arrayType());
    }

    /** Checks that a tensor lies within its storage; returns its number of elements. */
    private static int check(Tensor tensor) throws Refused {
        if (tensor.shape().size() != tensor.strides().size()) {
            throw new Refused("a tensor has shape " + tensor.shape() + " but strides " + tensor.strides());
        }
        long count = 1;
        long last = tensor.offset();
        boolean negative = tensor.offset() < 0 || tensor.storage().elements() < 0;
        for (int axis = 0; axis < tensor.shape().size(); axis++) {
            long extent = tensor.shape().get(axis);
            long stride = tensor.strides().get(axis);
            negative |= extent < 0 || stride < 0;
            count = Math.multiplyExact(count, extent);
            last = Math.addExact(last, Math.multiplyExact(extent - 1, stride));
        }
        if (negative
                || (count > 0 && last >= tensor.storage().elements())
                || count > tensor.storage().elements()) {
            throw new Refused("a tensor of shape " + tensor.shape() + " with strides " + tensor.strides() + " at "
                    + tensor.offset() + " reaches outside its storage of "
                    + tensor.storage().elements());
        }
        return Math.toIntExact(count);
    }
}
