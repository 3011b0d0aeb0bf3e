package djinn.parquet;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputDecompressor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Pages packed by gzip, for which Parquet asks Hadoop; those it has own code for go there, and all others are refused. */
record Gzip(CompressionCodecFactory others) implements CompressionCodecFactory {

    /** Java's own. */
    private record Inflater() implements BytesInputDecompressor {

        @Override
        public BytesInput decompress(BytesInput bytes, int size) throws IOException {
            return BytesInput.from(unpacked(bytes.toInputStream(), size));
        }

        @Override
        public void decompress(ByteBuffer input, int packed, ByteBuffer output, int size) throws IOException {
            ByteBuffer in = input.slice(input.position(), packed);
            output.put(unpacked(ByteBufferInputStream.wrap(in), size));
            input.position(input.position() + packed);
        }

        private static byte[] unpacked(InputStream in, int size) throws IOException {
            try (InputStream plain = new GZIPInputStream(in)) {
                return plain.readNBytes(size);
            }
        }

        @Override
        public void release() {
            // there is nothing
        }
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case GZIP -> new Inflater();
            case UNCOMPRESSED, SNAPPY, ZSTD, LZ4_RAW -> others.getDecompressor(codec);
            default -> throw new IllegalArgumentException("it is packed by " + codec);
        };
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        return others.getCompressor(codec);
    }

    @Override
    public void release() {
        others.release();
    }
}
