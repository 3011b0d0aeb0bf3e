package djinn.data;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.InflaterInputStream;

/**
 * The vectors of whole numbers in a MATLAB file of level 5 (MathWorks, "MAT-File Format"), packed or not: what lists of
 * labels are kept in. Arrays of other kinds are passed over.
 *
 * @param vectors the values by name
 */
record MatlabFile(Map<String, int[]> vectors) {

    private static final int HEADER = 128;
    private static final int MATRIX = 14;
    private static final int COMPRESSED = 15;
    private static final int MOST_BYTES = 256 << 20;

    /** Reads a file. */
    static MatlabFile read(Path file) {
        byte[] bytes = ImageFiles.bytesOf(file, "a MATLAB file");
        String mark = bytes.length < HEADER ? "" : new String(bytes, HEADER - 2, 2, StandardCharsets.ISO_8859_1);
        if (!mark.equals("IM") && !mark.equals("MI")) {
            throw new DataException(
                    file + ": expected a MATLAB file of level 5 (-v6 or -v7), found none; it may be one of"
                            + " level 7.3, which is HDF5");
        }
        ByteOrder order = mark.equals("IM") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        Map<String, int[]> vectors = new HashMap<>();
        try {
            elements(ByteBuffer.wrap(bytes, HEADER, bytes.length - HEADER).order(order), vectors);
        } catch (IOException e) {
            throw new DataException(file + ": is damaged (" + AtomicFile.reason(e) + "); copy it again", e);
        } catch (RuntimeException e) {
            // whatever lengths that are none lead into
            throw new DataException(file + ": is damaged or cut off; copy it again", e);
        }
        return new MatlabFile(vectors);
    }

    private static void elements(ByteBuffer in, Map<String, int[]> vectors) throws IOException {
        while (in.remaining() >= 8) {
            Element element = Element.of(in);
            if (element.type == COMPRESSED) {
                byte[] packed = new byte[element.data.remaining()];
                element.data.get(packed);
                byte[] plain;
                try (InflaterInputStream inflater = new InflaterInputStream(new ByteArrayInputStream(packed))) {
                    plain = inflater.readNBytes(MOST_BYTES);
                }
                elements(ByteBuffer.wrap(plain).order(in.order()), vectors);
            } else if (element.type == MATRIX) {
                matrix(element.data, vectors);
            }
        }
    }

    /** One data element: eight bytes of type and length, or four of both and up to four of data. */
    private record Element(int type, ByteBuffer data) {

        static Element of(ByteBuffer in) {
            int first = in.getInt();
            boolean small = first >>> 16 != 0;
            int type = small ? first & 0xFFFF : first;
            int length = small ? first >>> 16 : in.getInt();
            ByteBuffer data = in.slice(in.position(), length).order(in.order());
            int padded = small ? 4 : type == COMPRESSED ? length : (length + 7) / 8 * 8;
            in.position(Math.min(in.limit(), in.position() + padded));
            return new Element(type, data);
        }
    }

    private static void matrix(ByteBuffer in, Map<String, int[]> vectors) {
        int kind = Element.of(in).data.getInt(0) & 0xFF;
        ByteBuffer extents = Element.of(in).data;
        String name = StandardCharsets.ISO_8859_1.decode(Element.of(in).data).toString();
        // 6 to 13: arrays of numbers, which may be stored in a smaller type than their own
        boolean isVector = extents.remaining() == 8 && (extents.getInt(0) == 1 || extents.getInt(4) == 1);
        if (kind >= 6 && kind <= 13 && isVector) {
            Element values = Element.of(in);
            int count = extents.getInt(0) * extents.getInt(4);
            double[] all = new double[count];
            for (int i = 0; i < count; i++) {
                all[i] = value(values, i);
            }
            if (Arrays.stream(all).allMatch(number -> number == (int) number)) {
                vectors.put(
                        name,
                        Arrays.stream(all).mapToInt(number -> (int) number).toArray());
            }
        }
    }

    /** A number, or none that is whole where the type is of no numbers. */
    private static double value(Element values, int index) {
        ByteBuffer data = values.data;
        return switch (values.type) {
            case 1 -> data.get(index);
            case 2 -> data.get(index) & 0xFF;
            case 3 -> data.getShort(2 * index);
            case 4 -> data.getShort(2 * index) & 0xFFFF;
            case 5 -> data.getInt(4 * index);
            case 6 -> Integer.toUnsignedLong(data.getInt(4 * index));
            case 7 -> data.getFloat(4 * index);
            case 9 -> data.getDouble(8 * index);
            default -> Double.NaN;
        };
    }
}
