package ferrite.kernel.block;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.vm.UserMemory;

/** Copies between programs and blocks of pages, which may be high memory. Task context; may sleep. */
final class BufferCopies {

    private static final int PAGE = AddressSpace.PAGE_SIZE;

    private final BlockState state;
    private final KernelMemory memory;
    private final UserMemory user;

    BufferCopies(BlockState state, UserMemory user) {
        this.state = state;
        this.memory = state.base().memory();
        this.user = user;
    }

    /** Returns the bytes that were copied. */
    int toUser(long to, long buffer, int offset, int bytes) {
        return pageToUser(to, BufferHeadLayout.PAGE.get(memory, buffer), offset, bytes);
    }

    /** Returns the bytes that were copied. */
    int pageToUser(long to, long page, int offset, int bytes) {
        return copy(page, offset, bytes, (va, done, piece) -> user.copyToUser(to + done, va, piece));
    }

    /** Returns the bytes that were copied. */
    int fromUser(long page, int offset, long from, int bytes) {
        return copy(page, offset, bytes, (va, done, piece) -> user.copyFromUser(va, from + done, piece));
    }

    private interface Piece {

        /** Returns the bytes that were not copied. */
        int move(long va, int done, int bytes);
    }

    private int copy(long first, int offset, int bytes, Piece body) {
        long low = state.mm().memMap().pageAddress(first);
        if (low != 0) {
            return bytes - body.move(low + offset, 0, bytes);
        }
        int done = 0;
        int left = 0;
        while (done < bytes && left == 0) {
            int at = (offset + done) % PAGE;
            int piece = Math.min(PAGE - at, bytes - done);
            long page = first + (long) ((offset + done) / PAGE) * PageLayout.SIZE;
            left = body.move(state.mm().kmap().kmap(page) + at, done, piece);
            state.mm().kmap().kunmap(page);
            done += piece - left;
        }
        return done;
    }
}
