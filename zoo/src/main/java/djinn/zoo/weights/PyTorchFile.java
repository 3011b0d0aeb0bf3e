package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.zoo.weights.Rebuilding.Elements;
import djinn.zoo.weights.Rebuilding.Storage;
import djinn.zoo.weights.Rebuilding.Tensor;
import djinn.zoo.weights.Unpickler.Refused;
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
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * State dicts that {@code torch.save} wrote, {@code .pth} or {@code .pt}: the zip format of PyTorch 1.6 and later, and
 * the one before it.
 *
 * <p>Only tensors are taken out, by an {@link Unpickler} that can build nothing else; which of them are the weights,
 * {@link Checkpoint} finds.
 */
final class PyTorchFile {

    private static final int MAX_PICKLE = 64 << 20;
    private static final long LEGACY_PROTOCOL = 1001;
    /** 16-bit integers, which the engine cannot create: they are widened. */
    private static final String SHORT = "ShortStorage";

    /** Elements that tensors may have beyond their storages', all together: a view can repeat a value without end. */
    private static final long MOST_REPEATED = 1L << 26;

    private final Path file;
    private final NDManager manager;
    private final Preference preference;
    private final Map<String, ByteBuffer> storages = new HashMap<>();
    private long repeated;

    private interface Storages {
        ByteBuffer bytes(Storage storage) throws IOException, Refused;
    }

    private PyTorchFile(Path file, NDManager manager, Preference preference) {
        this.file = file;
        this.manager = manager;
        this.preference = preference;
    }

    /** Reads the weights, in the file's order, owned by the manager; what has 16 bits is widened to 32. */
    static WeightFile read(Path file, NDManager manager, Preference preference) {
        PyTorchFile reader = new PyTorchFile(file, manager, preference);
        try {
            return isZip(file) ? reader.readZip() : reader.readLegacy();
        } catch (Refused e) {
            String reason = e.getMessage().replaceAll("\\p{Cntrl}", "?");
            throw new DataException(file + ": cannot be read as a PyTorch state dict: " + reason, e);
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

    private WeightFile readZip() throws IOException, Refused {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry pickle = zip.stream()
                    .filter(entry -> entry.getName().endsWith("/data.pkl"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("expected data.pkl in it, found none"));
            String root = pickle.getName().substring(0, pickle.getName().length() - "data.pkl".length());
            ByteBuffer program = ByteBuffer.wrap(bytes(zip, pickle, MAX_PICKLE));
            Unpickler unpickler = new Unpickler(program);
            return weights(unpickler.read(), unpickler.unknown(), storage -> {
                ZipEntry entry = zip.getEntry(root + "data/" + storage.key());
                if (entry == null) {
                    throw new Refused("the storage " + storage.key() + " is missing");
                }
                long size = Math.multiplyExact(
                        storage.elements(), (long) storage.type().size());
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
    private WeightFile readLegacy() throws IOException, Refused {
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
            Map<String, ByteBuffer> parts = parts(in, keys, unpickler.storages());
            return weights(root, unpickler.unknown(), storage -> {
                ByteBuffer bytes = parts.get(storage.key());
                if (bytes == null) {
                    throw new Refused("the storage " + storage.key() + " is missing");
                }
                return bytes;
            });
        }
    }

    /** The bytes of all storages, those of tensors beside the weights too: each begins with its number of elements. */
    private static Map<String, ByteBuffer> parts(ByteBuffer in, List<?> keys, Map<String, Storage> storages)
            throws Refused {
        in.order(ByteOrder.LITTLE_ENDIAN);
        Map<String, ByteBuffer> parts = new HashMap<>();
        for (Object key : keys) {
            Storage storage = storages.get(key);
            if (storage == null) {
                throw new Refused("the storage " + key + " belongs to no tensor of the file");
            }
            if (in.remaining() < Long.BYTES) {
                throw new Refused("the file ends early");
            }
            long elements = in.getLong();
            long size = Math.multiplyExact(elements, (long) storage.type().size());
            if (size < 0 || size > in.remaining()) {
                throw new Refused("the file ends early");
            }
            if (elements != storage.elements()) {
                throw new Refused(
                        "the storage " + key + " has " + elements + " elements, expected " + storage.elements());
            }
            parts.put(storage.key(), in.slice(in.position(), (int) size));
            in.position(in.position() + (int) size);
        }
        return parts;
    }

    private WeightFile weights(Object root, Set<String> unknown, Storages source) throws IOException, Refused {
        Checkpoint checkpoint = Checkpoint.of(root, preference, unknown);
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Map.Entry<String, Tensor> entry : checkpoint.state().entrySet()) {
            try {
                arrays.put(entry.getKey(), array(entry.getValue(), source));
            } catch (Refused e) {
                throw new Refused("'" + entry.getKey() + "': " + e.getMessage());
            }
        }
        return new WeightFile(file, preference, arrays, checkpoint.notes());
    }

    private NDArray array(Tensor tensor, Storages source) throws IOException, Refused {
        Storage storage = tensor.storage();
        if (storage.type().dtype().isEmpty() && !storage.type().name().equals(SHORT)) {
            throw new Refused("expected whole or real numbers, got a "
                    + storage.type().name() + "; convert the tensor to float32");
        }
        int count = check(tensor);
        ByteBuffer bytes = storages.get(storage.key());
        if (bytes == null) {
            bytes = source.bytes(storage);
            storages.put(storage.key(), bytes);
        }
        int width = storage.type().size();
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
        Elements type = storage.type();
        Dtype dtype = type.dtype().orElse(Dtype.I32);
        int size = Math.multiplyExact(count, dtype.arrayType().getNumOfBytes());
        ByteBuffer out = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        if (type.name().equals(SHORT)) {
            packed.flip().order(ByteOrder.LITTLE_ENDIAN);
            while (packed.hasRemaining()) {
                out.putInt(packed.getShort());
            }
        } else {
            dtype.decode(packed.flip(), out);
        }
        return manager.create(out.flip(), new Shape(tensor.shape()), dtype.arrayType());
    }

    /** Checks that a tensor lies within its storage; returns its number of elements. */
    private int check(Tensor tensor) throws Refused {
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
        if (negative || (count > 0 && last >= tensor.storage().elements())) {
            throw new Refused("a tensor of shape " + tensor.shape() + " with strides " + tensor.strides() + " at "
                    + tensor.offset() + " reaches outside its storage of "
                    + tensor.storage().elements());
        }
        repeated += Math.max(0, count - tensor.storage().elements());
        if (repeated > MOST_REPEATED) {
            throw new Refused("tensors repeat their values more than " + MOST_REPEATED + " times in all; save clones");
        }
        return Math.toIntExact(count);
    }
}
