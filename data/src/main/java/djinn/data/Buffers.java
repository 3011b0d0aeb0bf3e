package djinn.data;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Memory for the pixels of batches; what earlier ones gave back is used again, over epochs. */
final class Buffers {

    private final Queue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

    /** Lends an empty direct buffer with room for some bytes. */
    ByteBuffer borrow(int bytes) {
        ByteBuffer buffer = free.poll();
        return buffer == null || buffer.capacity() < bytes ? ByteBuffer.allocateDirect(bytes) : buffer.clear();
    }

    /** Takes back what {@link #borrow} lent. */
    void giveBack(ByteBuffer buffer) {
        free.add(buffer);
    }
}
