package djinn.zoo.weights;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.zoo.weights.Safetensors.Entry;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The header of a safetensors file: read and checked, or rendered for writing. */
final class Header {

    /** The reserved name of the metadata among the tensors. */
    static final String METADATA = "__metadata__";

    private static final List<String> FIELDS = List.of("dtype", "shape", "data_offsets");
    // the limit of the reference implementation
    private static final long LENGTH_LIMIT = 100_000_000;
    private static final String COPY_AGAIN = "; restore it from a copy or fetch it again";
    private static final String WRITE_AGAIN = "; write the file again with a tool that follows the format";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path file;
    private final long dataStart;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private Header(Path file, FileChannel channel) throws IOException {
        this.file = file;
        long size = channel.size();
        if (size < 8) {
            throw failure("expected a safetensors file of at least 8 bytes, it has " + size + COPY_AGAIN);
        }
        long length = bytes(channel, 0, 8).getLong(0);
        if (length < 0 || length > LENGTH_LIMIT) {
            throw failure("expected a header of at most " + LENGTH_LIMIT + " bytes, the first 8 bytes say "
                    + Long.toUnsignedString(length) + "; is it a safetensors file?");
        }
        if (length > size - 8) {
            throw failure(
                    "truncated: expected a header of " + length + " bytes, " + (size - 8) + " are there" + COPY_AGAIN);
        }
        dataStart = 8 + length;
        List<Entry> found = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property :
                json(bytes(channel, 8, Math.toIntExact(length))).properties()) {
            if (property.getKey().equals(METADATA)) {
                addMetadata(property.getValue());
            } else {
                found.add(entry(property.getKey(), property.getValue()));
            }
        }
        found.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        checkOffsets(found, size - dataStart);
        found.forEach(entry -> entries.put(entry.name(), entry));
    }

    /**
     * Reads and checks the header of an open file.
     *
     * @param file for the messages
     * @throws DataException if the file is truncated or the header breaks the format
     */
    static Header read(Path file, FileChannel channel) throws IOException {
        return new Header(file, channel);
    }

    /**
     * The header as bytes, with its length in front and spaces behind it up to a multiple of 8.
     *
     * @param entries in the order of their bytes
     * @param metadata written sorted by key
     */
    static ByteBuffer render(List<Entry> entries, Map<String, String> metadata) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode notes = root.putObject(METADATA);
        new TreeMap<>(metadata).forEach((key, value) -> notes.put(key, value));
        for (Entry entry : entries) {
            ObjectNode tensor =
                    root.putObject(entry.name()).put("dtype", entry.dtype().name());
            ArrayNode shape = tensor.putArray("shape");
            entry.shape().forEach(extent -> shape.add(extent));
            tensor.putArray("data_offsets").add(entry.begin()).add(entry.end());
        }
        byte[] json = JSON.writeValueAsBytes(root);
        byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return ByteBuffer.allocate(8 + padded.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded.length)
                .put(padded)
                .flip();
    }

    /** Reads so many bytes at a place in a file, in little-endian order. */
    static ByteBuffer bytes(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        return bytes.flip();
    }

    /** The place of the first tensor's first byte in the file. */
    long dataStart() {
        return dataStart;
    }

    /** The tensors by name, in the order of their bytes; empty tensors at one place in the header's order. */
    Map<String, Entry> entries() {
        return entries;
    }

    /** The metadata in the header's order. */
    Map<String, String> metadata() {
        return metadata;
    }

    private JsonNode json(ByteBuffer bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            if (!text.startsWith("{")) {
                throw failure("expected a header that starts with '{', it starts with '"
                        + text.substring(0, Math.min(8, text.length())) + "'; is it a safetensors file?");
            }
            return JSON.readTree(text);
        } catch (CharacterCodingException e) {
            throw failure("expected a header in UTF-8, it is not; is it a safetensors file?", e);
        } catch (JacksonException e) {
            throw failure("expected a JSON header, the parser says: " + e.getOriginalMessage() + WRITE_AGAIN, e);
        }
    }

    private void addMetadata(JsonNode node) {
        if (!node.isObject()) {
            throw failure("expected an object as " + METADATA + ", got " + brief(node) + WRITE_AGAIN);
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isString()) {
                throw failure("expected strings in " + METADATA + ", '" + property.getKey() + "' is "
                        + brief(property.getValue()) + WRITE_AGAIN);
            }
            metadata.put(property.getKey(), property.getValue().stringValue());
        }
    }

    private Entry entry(String name, JsonNode node) {
        String tensor = "tensor '" + name + "': ";
        if (!node.isObject() || !node.propertyNames().containsAll(FIELDS) || node.size() != FIELDS.size()) {
            throw failure(tensor + "expected an object of " + FIELDS + ", got " + brief(node) + WRITE_AGAIN);
        }
        Dtype dtype;
        try {
            dtype = Dtype.parse(node.get("dtype").asString(""));
        } catch (IllegalArgumentException e) {
            throw failure(tensor + e.getMessage(), e);
        }
        List<Long> shape = integers(tensor, "shape", node);
        List<Long> offsets = integers(tensor, "data_offsets", node);
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw failure(
                    tensor + "expected data_offsets [begin, end] with begin <= end, got " + offsets + WRITE_AGAIN);
        }
        long size = dtype.size();
        try {
            for (long extent : shape) {
                size = Math.multiplyExact(size, extent);
            }
        } catch (ArithmeticException e) {
            throw failure(
                    tensor + "shape " + shape + " has more elements than a 64-bit number counts" + WRITE_AGAIN, e);
        }
        long found = offsets.get(1) - offsets.get(0);
        if (found != size) {
            throw failure(tensor + "expected " + size + " bytes for " + dtype + " of shape " + shape + ", data_offsets "
                    + offsets + " give " + found + WRITE_AGAIN);
        }
        return new Entry(name, dtype, shape, offsets.get(0), offsets.get(1));
    }

    private List<Long> integers(String tensor, String field, JsonNode node) {
        List<Long> integers = new ArrayList<>();
        JsonNode list = node.get(field);
        for (JsonNode item : list) {
            if (item.isIntegralNumber() && item.canConvertToLong() && item.longValue() >= 0) {
                integers.add(item.longValue());
            }
        }
        if (!list.isArray() || integers.size() != list.size()) {
            throw failure(tensor + "expected a list of integers from 0 to 2^63 - 1 as " + field + ", got " + brief(list)
                    + WRITE_AGAIN);
        }
        return integers;
    }

    private void checkOffsets(List<Entry> sorted, long available) {
        long position = 0;
        String previous = "";
        for (Entry entry : sorted) {
            if (entry.begin() < position) {
                throw failure("tensors '" + previous + "' and '" + entry.name()
                        + "' overlap: expected the second to begin at byte " + position + ", it begins at "
                        + entry.begin() + WRITE_AGAIN);
            }
            if (entry.begin() > position) {
                throw failure("tensor '" + entry.name() + "': expected it to begin at byte " + position
                        + ", it begins at " + entry.begin() + " and leaves a hole" + WRITE_AGAIN);
            }
            position = entry.end();
            previous = entry.name();
        }
        if (position > available) {
            throw failure("truncated: expected " + position + " bytes of tensors, " + available + " are there, "
                    + (position - available) + " bytes missing" + COPY_AGAIN);
        }
        if (position < available) {
            throw failure("expected the file to end with the last tensor, " + (available - position)
                    + " bytes follow it" + WRITE_AGAIN);
        }
    }

    private DataException failure(String what) {
        return failure(what, null);
    }

    private DataException failure(String what, Throwable cause) {
        return AtomicFile.unusable(file + ": " + what, cause);
    }

    private static String brief(JsonNode node) {
        String text = node.toString();
        return text.length() <= 120 ? text : text.substring(0, 120) + "...";
    }
}
