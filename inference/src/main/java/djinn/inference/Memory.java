package djinn.inference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Lends memory outside of the heap and takes it back: left to the garbage collector, it would pile up between its runs. */
final class Memory {

    /** The engines' vector instructions want whole cache lines. */
    private static final int ALIGNMENT = 64;

    private final Queue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

    /** Lends memory in native order, its position 0 and its limit the size. */
    ByteBuffer borrow(int bytes) {
        ByteBuffer buffer = free.poll();
        if (buffer == null || buffer.capacity() < bytes) {
            // a slice has whole lines alone: one more than the bytes fill, and one to begin in
            buffer = ByteBuffer.allocateDirect(Math.addExact(bytes, 2 * ALIGNMENT))
                    .alignedSlice(ALIGNMENT);
        }
        return buffer.clear().limit(bytes).order(ByteOrder.nativeOrder());
    }

    /** Takes it back. */
    void giveBack(ByteBuffer buffer) {
        free.add(buffer);
    }
}
