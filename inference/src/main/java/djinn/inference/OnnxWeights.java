package djinn.inference;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.zoo.weights.Dtype;
import djinn.zoo.weights.FiniteCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An array that an ONNX file holds, or that lies in a file beside it.
 *
 * @param name its name
 * @param axes how many it has
 * @param type ONNX's number of its type
 * @param elements little-endian, if they are in the file
 * @param places what the file says of where they are otherwise: location, offset, length
 */
record OnnxWeights(String name, int axes, int type, ByteBuffer elements, Map<String, String> places) {

    private static final int DIMS = 1;
    private static final int DATA_TYPE = 2;
    private static final int FLOAT_DATA = 4;
    private static final int NAME = 8;
    private static final int RAW_DATA = 9;
    private static final int DOUBLE_DATA = 10;
    private static final int EXTERNAL_DATA = 13;

    private static final int FLOAT = 1;
    private static final int FLOAT16 = 10;
    private static final int DOUBLE = 11;
    private static final int BFLOAT16 = 16;

    private static final int PIECE = 1 << 14;

    /** All bits but the sign's, and what carries into the sign from an exponent of ones: NaN and infinity. */
    private static final int MAGNITUDE = 0x7fffffff;

    private static final int CARRY = 0x00800000;

    /** Reads the message of an initializer. */
    static OnnxWeights of(ByteBuffer tensor) {
        String[] name = {""};
        ByteBuffer[] elements = {ByteBuffer.allocate(0)};
        Map<String, String> places = new HashMap<>();
        int[] axes = {0};
        ProtocolBuffer.walk(
                tensor,
                (field, content) -> {
                    switch (field) {
                        case DIMS -> axes[0] += packed(content);
                        case NAME -> name[0] = ProtocolBuffer.text(content);
                        case RAW_DATA, FLOAT_DATA, DOUBLE_DATA -> elements[0] = content;
                        case EXTERNAL_DATA -> {
                            Map.Entry<String, String> place = ProtocolBuffer.entry(content);
                            places.put(place.getKey(), place.getValue());
                        }
                        default -> {}
                    }
                },
                (field, value) -> axes[0] += field == DIMS ? 1 : 0);
        int type = (int) ProtocolBuffer.number(tensor, DATA_TYPE);
        return new OnnxWeights(name[0], axes[0], type, elements[0], Map.copyOf(places));
    }

    /** How many numbers of variable length there are: each ends in a byte below 128. */
    private static int packed(ByteBuffer numbers) {
        int count = 0;
        for (int i = 0; i < numbers.limit(); i++) {
            count += numbers.get(i) >= 0 ? 1 : 0;
        }
        return count;
    }

    /** The name of the file that holds the elements. */
    Optional<String> location() {
        return Optional.ofNullable(places.get("location"));
    }

    /**
     * Requires that what a file computes with is finite; a single infinite number may be a bound.
     *
     * @throws djinn.ops.NotFiniteException if it is not
     * @throws DataException if a file beside it cannot be read
     */
    static void requireFinite(List<OnnxWeights> all, Path file) {
        List<String> faults = new ArrayList<>();
        for (OnnxWeights array : all) {
            array.fault(file).ifPresent(faults::add);
        }
        if (!faults.isEmpty()) {
            throw FiniteCheck.failure(file.toString(), faults, all.size());
        }
    }

    private Optional<String> fault(Path file) {
        if (type != FLOAT && type != FLOAT16 && type != DOUBLE && type != BFLOAT16) {
            return Optional.empty();
        }
        ByteBuffer own = bytes(file).order(ByteOrder.LITTLE_ENDIAN);
        if (type == FLOAT && isFinite(own)) {
            return Optional.empty();
        }
        float[] values = values(own);
        if (values.length == 1 && Float.isInfinite(values[0])) {
            return Optional.empty();
        }
        return FiniteCheck.fault(name, axes, values);
    }

    /** Whether all are finite, in a loop that takes as long as reading them. */
    private static boolean isFinite(ByteBuffer own) {
        var bits = own.asIntBuffer();
        int[] piece = new int[PIECE];
        int carried = 0;
        while (bits.hasRemaining()) {
            int count = Math.min(PIECE, bits.remaining());
            bits.get(piece, 0, count);
            for (int i = 0; i < count; i++) {
                carried |= (piece[i] & MAGNITUDE) + CARRY;
            }
        }
        return carried >= 0;
    }

    private float[] values(ByteBuffer own) {
        float[] values = new float[own.remaining() / (type == DOUBLE ? Double.BYTES : type == FLOAT ? 4 : 2)];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case FLOAT -> own.getFloat();
                case DOUBLE -> FiniteCheck.narrowed(own.getDouble());
                case FLOAT16 -> Dtype.F16.widen(own.getShort());
                default -> Dtype.BF16.widen(own.getShort());
            };
        }
        return values;
    }

    private ByteBuffer bytes(Path file) {
        if (location().isEmpty()) {
            return elements.duplicate();
        }
        Path beside = file.resolveSibling(location().get());
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.READ)) {
            long offset = Long.parseLong(places.getOrDefault("offset", "0"));
            long length = places.containsKey("length") ? Long.parseLong(places.get("length")) : channel.size() - offset;
            if (offset < 0 || length < 0 || offset + length > channel.size()) {
                throw new DataException(file + ": expected " + length + " bytes of '" + name + "' in " + beside
                        + " from " + offset + " on, the file has " + channel.size() + "; copy both again");
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
        } catch (NumberFormatException e) {
            throw new DataException(file + ": its description of '" + name + "' in " + beside + " is damaged", e);
        } catch (IOException e) {
            throw new DataException(beside + ": cannot be read: " + AtomicFile.reason(e), e);
        }
    }
}
