package djinn.zoo.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.Nearest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.zip.CRC32C;

/**
 * A safetensors file opened for reading: named tensors, each read without loading the rest.
 *
 * <p>The file is 8 bytes of header length (little-endian), the header in JSON, and the tensors' bytes (little-endian,
 * row-major, without gaps). Files may be larger than 2 GiB; one tensor may have at most 2^31 - 1 bytes. Files written
 * here carry a CRC-32C of the tensors' bytes as {@code djinn.crc32c} in their metadata.
 */
public final class Safetensors implements AutoCloseable {

    private static final String CHECKSUM = "djinn.crc32c";
    private static final int CHUNK = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final Header header;

    /**
     * What the header says about a tensor.
     *
     * @param name unique in the file
     * @param dtype the element type in the file
     * @param shape the extents, empty for a scalar
     * @param begin the first byte, counted from the end of the header
     * @param end the byte behind the last, counted likewise
     */
    public record Entry(String name, Dtype dtype, List<Long> shape, long begin, long end) {

        /** Copies the shape. */
        public Entry {
            shape = List.copyOf(shape);
        }
    }

    private Safetensors(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        header = Header.read(file, channel);
    }

    /**
     * Opens a file, and reads and checks its header.
     *
     * @throws DataException if the file is missing, unreadable, truncated, or its header breaks the format
     */
    public static Safetensors open(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                return new Safetensors(file, channel);
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw AtomicFile.unusable(file + ": there is no such file" + Nearest.suggestion(file), e);
        } catch (IOException e) {
            throw AtomicFile.unusable(
                    "cannot read " + file + ": " + AtomicFile.reason(e)
                            + "; check the path, its permissions and the disk",
                    e);
        }
    }

    /** The tensors' names, in the order of their bytes; empty tensors at one place in the header's order. */
    public List<String> names() {
        return List.copyOf(header.entries().keySet());
    }

    /** The header's metadata in its order; read-only. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    /**
     * What the header says about a tensor.
     *
     * @throws DataException if the file has no tensor of this name
     */
    public Entry entry(String name) {
        Entry entry = header.entries().get(name);
        if (entry == null) {
            String some = header.entries().keySet().stream().limit(3).toList().toString();
            throw failure("expected a tensor '" + name + "', the file has "
                    + header.entries().size() + " others such as " + some
                    + "; check the name, or whether the file belongs to the model");
        }
        return entry;
    }

    /**
     * Reads one tensor.
     *
     * @param manager the owner of the array
     * @return a new array of the entry's shape, of {@link Dtype#arrayType()}; it does not depend on the file
     * @throws DataException if there is no such tensor, it has more than 2^31 - 1 bytes, or reading fails
     */
    public NDArray read(NDManager manager, String name) {
        Entry entry = entry(name);
        Dtype dtype = entry.dtype();
        Shape shape = new Shape(entry.shape());
        long size =
                (entry.end() - entry.begin()) / dtype.size() * dtype.arrayType().getNumOfBytes();
        if (size > Integer.MAX_VALUE) {
            throw failure("tensor '" + name + "': expected at most " + Integer.MAX_VALUE + " bytes as an array, it has "
                    + size + "; split it into several tensors");
        }
        // a copy: the engine keeps the buffer as the array's memory, so it must be aligned, writable and not the file
        ByteBuffer copy = ByteBuffer.allocateDirect((int) size).order(ByteOrder.nativeOrder());
        if (size > 0) {
            try {
                long position = header.dataStart() + entry.begin();
                dtype.decode(channel.map(FileChannel.MapMode.READ_ONLY, position, entry.end() - entry.begin()), copy);
            } catch (IOException e) {
                throw failure(
                        "cannot read tensor '" + name + "': " + AtomicFile.reason(e) + "; open the file again", e);
            }
        }
        return manager.create(copy.flip(), shape, dtype.arrayType());
    }

    /**
     * Reads all tensors.
     *
     * @param manager the owner of the arrays
     * @return new arrays in the order of {@link #names()}
     * @throws DataException as {@link #read}
     */
    public Map<String, NDArray> readAll(NDManager manager) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        header.entries().keySet().forEach(name -> arrays.put(name, read(manager, name)));
        return arrays;
    }

    /** Whether the metadata hold a checksum. */
    public boolean hasChecksum() {
        return header.metadata().containsKey(CHECKSUM);
    }

    /**
     * Reads all tensors' bytes and compares their CRC-32C with the metadata; does nothing if those hold none.
     *
     * @throws DataException if they differ or reading fails
     */
    public void verifyChecksum() {
        if (!hasChecksum()) {
            return;
        }
        CRC32C crc = new CRC32C();
        try {
            long size = channel.size();
            for (long position = header.dataStart(); position < size; position += CHUNK) {
                crc.update(Header.bytes(channel, position, (int) Math.min(CHUNK, size - position)));
            }
        } catch (IOException e) {
            throw failure("cannot read it: " + AtomicFile.reason(e) + "; open the file again", e);
        }
        String expected = header.metadata().get(CHECKSUM);
        if (!expected.equals(hex(crc))) {
            throw failure("is damaged: checksum " + hex(crc) + ", expected " + expected + "; restore it from a copy");
        }
    }

    /**
     * Closes the file; arrays read from it stay valid.
     *
     * @throws DataException if closing fails
     */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failure("cannot close it: " + AtomicFile.reason(e) + "; check the disk", e);
        }
    }

    /**
     * Writes tensors in their own dtypes, in the map's order.
     *
     * <p>The same arguments give the same bytes. The file appears, or replaces an older one, only when it is complete
     * and on disk.
     *
     * @param file the target; its directory must exist
     * @param tensors of any shape, float16 to float64, int8, int32, int64, uint8 or boolean
     * @param metadata written sorted by key; {@code djinn.crc32c} is replaced by the checksum
     * @throws DataException if writing fails; the target is then as before
     * @throws IllegalArgumentException if a tensor has another type, more than 2^31 - 1 bytes or a reserved name
     */
    public static void write(Path file, Map<String, NDArray> tensors, Map<String, String> metadata) {
        store(file, tensors, metadata, (name, own) -> own);
    }

    /**
     * Writes tensors as {@link #write(Path, Map, Map)} does, but all float tensors in one dtype.
     *
     * <p>Values are rounded to the nearest, ties to even; float64 goes through float32. A tensor with finite values that
     * are too large for the dtype stays in its own.
     *
     * @param floating F32, F16 or BF16
     * @return the tensors that stayed in their own dtype, and how many of their values are too large
     * @throws DataException if writing fails; the target is then as before
     * @throws IllegalArgumentException if {@code floating} is another dtype, or as for the other method
     */
    public static Map<String, Long> write(
            Path file, Map<String, NDArray> tensors, Map<String, String> metadata, Dtype floating) {
        if (floating != Dtype.F32 && floating != Dtype.F16 && floating != Dtype.BF16) {
            throw new IllegalArgumentException("expected F32, F16 or BF16 for float tensors, got " + floating);
        }
        Map<String, Long> tooLarge = new LinkedHashMap<>();
        tensors.forEach((name, array) -> {
            long count = array.getDataType().isFloating() ? tooLarge(array, floating) : 0;
            if (count > 0) {
                tooLarge.put(name, count);
            }
        });
        store(
                file,
                tensors,
                metadata,
                (name, own) -> own.arrayType().isFloating() && !tooLarge.containsKey(name) ? floating : own);
        return tooLarge;
    }

    /** How many finite values of an array are too large for a dtype. */
    private static long tooLarge(NDArray array, Dtype dtype) {
        if (array.size() == 0 || Dtype.of(array.getDataType()).largest() <= dtype.largest()) {
            return 0;
        }
        try (NDArray sizes = array.abs();
                NDArray largest = sizes.max();
                NDArray wide = largest.toType(DataType.FLOAT64, true)) {
            if (wide.getDouble() <= dtype.largest()) {
                return 0;
            }
        }
        try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
            return Arrays.stream(wide.toDoubleArray())
                    .filter(value -> Double.isFinite(value) && !dtype.holds(value))
                    .count();
        }
    }

    private static void store(
            Path file,
            Map<String, NDArray> tensors,
            Map<String, String> metadata,
            BiFunction<String, Dtype, Dtype> stored) {
        List<Entry> entries = layout(tensors, stored);
        AtomicFile.write(file, out -> {
            CRC32C crc = new CRC32C();
            // the checksum has a fixed length, so the header is written twice and the tensors are visited once
            transfer(out, header(entries, metadata, crc), new CRC32C());
            for (Entry entry : entries) {
                NDArray array = tensors.get(entry.name());
                transfer(out, entry.dtype().encode(array.toByteBuffer(), Dtype.of(array.getDataType())), crc);
            }
            transfer(out.position(0), header(entries, metadata, crc), new CRC32C());
        });
    }

    private static ByteBuffer header(List<Entry> entries, Map<String, String> metadata, CRC32C crc) {
        Map<String, String> notes = new HashMap<>(metadata);
        notes.put(CHECKSUM, hex(crc));
        return Header.render(entries, notes);
    }

    private static List<Entry> layout(Map<String, NDArray> tensors, BiFunction<String, Dtype, Dtype> stored) {
        List<Entry> entries = new ArrayList<>();
        long position = 0;
        for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
            String name = tensor.getKey();
            Dtype own = Dtype.of(tensor.getValue().getDataType());
            Dtype dtype = stored.apply(name, own);
            Shape shape = tensor.getValue().getShape();
            if (name.equals(Header.METADATA)) {
                throw new IllegalArgumentException("the name " + Header.METADATA + " is reserved; rename the tensor");
            }
            if (Math.multiplyExact(shape.size(), (long) Math.max(own.size(), dtype.size())) > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("tensor '" + name + "' of shape " + shape + " has more than "
                        + Integer.MAX_VALUE + " bytes; split it");
            }
            long end = position + shape.size() * dtype.size();
            List<Long> extents = Arrays.stream(shape.getShape()).boxed().toList();
            entries.add(new Entry(name, dtype, extents, position, end));
            position = end;
        }
        return entries;
    }

    // in pieces, because the channel copies each to native memory of its size and keeps that
    private static void transfer(FileChannel out, ByteBuffer bytes, CRC32C crc) throws IOException {
        crc.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            ByteBuffer piece = bytes.slice(bytes.position(), Math.min(CHUNK, bytes.remaining()));
            bytes.position(bytes.position() + out.write(piece));
        }
    }

    private DataException failure(String what) {
        return failure(what, null);
    }

    private DataException failure(String what, Throwable cause) {
        return AtomicFile.unusable(file + ": " + what, cause);
    }

    private static String hex(CRC32C crc) {
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
