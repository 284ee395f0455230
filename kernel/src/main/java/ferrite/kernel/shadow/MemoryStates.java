package ferrite.kernel.shadow;

import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.log.CallSite;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntToLongFunction;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * What the allocators and the DMA layer tell the host about memory, and the checks at a free. {@link Shadow} has the
 * bytes inside pages, {@link Claims} the devices' rights, {@link Histories} the lines.
 */
public final class MemoryStates {

    /** The rules whose checks ask which bytes of a page are allocated. */
    private static final List<Rule> RULES_OF_OBJECTS = List.of(Rule.OBJECT_OVERRUN, Rule.USE_AFTER_FREE,
            Rule.AREA_OVERRUN, Rule.DMA_CPU_ACCESS, Rule.DMA_SHARED_LINE, Rule.DMA_UNWRITTEN, Rule.DMA_UNINITIALIZED,
            Rule.DMA_FREED_MEMORY, Rule.DMA_BAD_BUFFER, Rule.DMA_STRAY_ACCESS, Rule.INVALID_FREE, Rule.DOUBLE_FREE,
            Rule.PAGE_BAD_FREE, Rule.STACK_OVERRUN, Rule.STACK_USE_AFTER_RETURN, Rule.DMA_STACK);

    private final Violations violations;
    private final AddressSpace space;
    private final PageChanges changes = new PageChanges();
    private final Shadow shadow = new Shadow(changes);
    /** The claims and the gaps of each physical page. */
    private final PageCounts concerns = new PageCounts(changes);
    private final Barriers barriers = new Barriers(new StoreLines(), changes);
    private final Claims claims = new Claims(concerns, barriers);
    private final Locks locks = new Locks();
    private final Blocks blocks = new Blocks();
    private final Histories histories = new Histories();
    private final Stacks stacks;
    private final Unwritten unwritten = new Unwritten(concerns, changes);
    private final Pins pins;
    private final boolean watchesWrites;
    private final Armed armed;
    private final NavigableSet<Long> reported = new TreeSet<>();
    /** The requested bytes of each area, by its address. */
    private final NavigableMap<Long, Long> areas = new TreeMap<>();
    private final boolean watchesObjects;
    private final boolean notesFrees;
    /** The pages of pools whose blocks do not begin at the multiples of their size. */
    private final BitSet irregular = new BitSet();
    private LongConsumer resolver = va -> { };
    private LongUnaryOperator objectOf = va -> va;
    /** The registers of devices that are mapped, by their virtual address. */
    private final NavigableMap<Long, Registers> registers = new TreeMap<>();
    /** The lines that last stored to registers, by physical page. */
    private final Map<Long, String> requests = new HashMap<>();
    private final StoreLines registerLines = new StoreLines();
    /** The lines that ask another driver for a request, by the host threads of their tasks. */
    private final Map<Thread, String> askers = new HashMap<>();
    private final Runnable settle;

    private record Registers(long end, long pa) { }

    /** The queue that each task is on, if it lies in an object. */
    private final NavigableMap<Long, Wait> waits = new TreeMap<>();

    private record Wait(long queue, String site) { }

    /** @param settle lets all devices do what they would have done by now */
    public MemoryStates(Violations violations, AddressSpace space, Runnable settle) {
        this.settle = settle;
        this.violations = violations;
        this.armed = new Armed(violations);
        this.pins = new Pins(violations.checks(Rule.PAGE_NOT_DIRTY), claims);
        this.space = space;
        this.watchesWrites = violations.checks(Rule.DMA_UNWRITTEN) || violations.checks(Rule.DMA_UNINITIALIZED)
                || violations.checks(Rule.LOCK_UNINITIALIZED);
        this.notesFrees = violations.checksAny();
        this.watchesObjects = RULES_OF_OBJECTS.stream().anyMatch(violations::checks);
        this.stacks = new Stacks(shadow, watchesObjects, this::checkRecords);
    }

    public Shadow shadow() {
        return shadow;
    }

    public Claims claims() {
        return claims;
    }

    public Barriers barriers() {
        return barriers;
    }

    public Locks locks() {
        return locks;
    }

    public Violations violations() {
        return violations;
    }

    public Histories histories() {
        return histories;
    }

    public Stacks stacks() {
        return stacks;
    }

    /** Returns whether a device may own a byte of the page of an address, or has given back a buffer there. */
    public boolean concernsDevices(long pa) {
        return concerns.of(pa) > 0;
    }

    /** Sets what is called when a page gets pieces or another owner, or devices have more or less to do with it. */
    public void onPageChange(Runnable call) {
        changes.listen(call);
    }

    public Unwritten unwritten() {
        return unwritten;
    }

    /** Notes that a wrong access to an address was reported, so that its traces need not be. */
    public void reported(long va) {
        reported.add(va);
    }

    /** Returns whether a wrong access to one of these addresses was reported since the piece was allocated. */
    public boolean wasReported(long va, int bytes) {
        return !reported.isEmpty() && !reported.subSet(va, va + bytes).isEmpty();
    }

    /** Lets all devices do what they would have done by now. It changes nothing that software could see. */
    public void settle() {
        settle.run();
    }

    // ---- pages that are divided ----

    /** Notes that pages have become something else, so that nothing is known of their pieces any more. */
    public void changed(long va, int bytes) {
        shadow.forget(va, bytes);
    }

    /**
     * Notes that pages are divided into blocks, all of which are free.
     *
     * @param size  bytes of a block
     * @param block gives the address of each block
     */
    public void divided(long va, int bytes, int size, int blocks, IntToLongFunction block) {
        if (watchesObjects) {
            shadow.divide(va, bytes, va + bytes, size, size);
            boolean regular = true;
            for (int i = 0; i < blocks; i++) {
                regular &= block.applyAsLong(i) == va + (long) i * size;
            }
            for (long page = va; page < va + bytes; page += Shadow.PAGE) {
                irregular.set((int) (page >>> 12), !regular || Shadow.PAGE % size != 0 && bytes > Shadow.PAGE);
            }
            for (int i = 0; i < blocks; i++) {
                shadow.mark(block.applyAsLong(i), size, Shadow.FREED);
            }
        }
    }

    /** Returns whether two addresses of a page that is divided into blocks of a pool lie in different blocks. */
    public boolean areInTwoBlocks(long va, long other) {
        int size = shadow.isDivided(va) ? shadow.pieceSize(va) : 0;
        return size > 0 && !irregular.get((int) (va >>> 12))
                && (va & Shadow.PAGE - 1) / size != (other & Shadow.PAGE - 1) / size;
    }

    /** Notes that a piece is allocated, and that the caller may use the first {@code bytes} of it. */
    public void allocated(long va, int bytes) {
        if (watchesObjects && shadow.isDivided(va)) {
            if (!reported.isEmpty()) {
                reported.subSet(va, va + shadow.pieceSize(va)).clear();
            }
            shadow.allow(va, bytes, shadow.pieceSize(va));
            histories.allocated(va, histories.wantsNext() ? CallSite.ofCaller() : null);
        }
    }

    /** Notes the line that allocated a piece, on a page that was divided afterwards. */
    public void allocatedHere(long va) {
        if (watchesObjects && shadow.isDivided(va)) {
            histories.allocated(va, histories.wantsNext() ? CallSite.ofCaller() : null);
        }
    }

    /** Notes that a piece was allocated before the kernel attached. */
    public void restored(long va, int bytes) {
        if (watchesObjects && shadow.isDivided(va)) {
            shadow.allow(va, bytes, shadow.pieceSize(va));
        }
    }

    /** Notes that the caller may use a whole piece. */
    public void usesAll(long va) {
        if (shadow.isDivided(va)) {
            shadow.allow(va, shadow.pieceSize(va), shadow.pieceSize(va));
        }
    }

    /** Notes that a piece is in the reserve of a memory pool, where nobody may use it. */
    public void parked(long va) {
        if (watchesObjects && shadow.isDivided(va)) {
            shadow.mark(va, shadow.pieceSize(va), Shadow.FREED);
        }
    }

    /** Returns whether {@link #freed} may have anything to do. Without rules it has not. */
    public boolean notesFrees() {
        return notesFrees;
    }

    /** Notes that a piece is about to be free again, and checks that no device may still access it. */
    public void freed(long va, int bytes) {
        if (claims.areAny()) {
            freeing("a free of an object", space.phys(va), bytes);
        }
        if (!unwritten.isEmpty()) {
            unwritten.forget(va, space.phys(va), bytes);
        }
        if (locks.concern(va, bytes) || armed.areAny() || !waits.isEmpty()) {
            checkRecords("a free of an object", va, bytes);
        }
        if (watchesObjects && shadow.isDivided(va)) {
            shadow.mark(va, shadow.pieceSize(va), Shadow.FREED);
            histories.freed(va, histories.wantsNext() ? CallSite.ofCaller() : null);
        }
    }

    /** Returns whether a rule needs to know which bytes nobody has written. */
    public boolean watchesWrites() {
        return watchesWrites;
    }

    /** Returns whether a rule needs to know which bytes of a page are allocated. */
    public boolean watchesObjects() {
        return watchesObjects;
    }

    /**
     * Sets what looks into the lookaside caches.
     *
     * @param newResolver finds the state of a page of which nothing is known yet
     * @param newObjectOf finds the object that an address lies in
     */
    public void resolveWith(LongConsumer newResolver, LongUnaryOperator newObjectOf) {
        resolver = newResolver;
        objectOf = newObjectOf;
    }

    /** Returns whether two ranges share a cache line. Linux begins objects at lines of their own. */
    public boolean mayShareLine(long pa, int bytes, long otherPa, int otherBytes) {
        long va = space.virt(pa);
        if (!AddressSpace.isLinear(va)) {
            return true;
        }
        if (!shadow.isKnown(va)) {
            resolver.accept(va);
        }
        if (!shadow.isDivided(va)) {
            return true;
        }
        long object = objectOf.applyAsLong(va);
        long other = space.virt(otherPa);
        return object == objectOf.applyAsLong(other)
                && (va - object) / Claims.LINE <= (other - object + otherBytes - 1) / Claims.LINE
                && (other - object) / Claims.LINE <= (va - object + bytes - 1) / Claims.LINE;
    }

    /** Notes that the caller may use another number of bytes of a piece. */
    public void resized(long va, int bytes) {
        if (watchesObjects && !shadow.isKnown(va)) {
            resolver.accept(va);
        }
        if (watchesObjects && shadow.isDivided(va)) {
            shadow.allow(va, bytes, shadow.pieceSize(va));
        }
    }

    // ---- whole pages ----

    /** What whole pages were allocated as. */
    public Blocks blocks() {
        return blocks;
    }

    /**
     * Notes what whole pages are allocated as. Their ends that were not asked for must not be accessed.
     *
     * @param va    their linear address; 0 in high memory
     * @param bytes the bytes that were asked for
     * @param all   the bytes of the pages
     */
    public void block(Blocks.Kind kind, long va, long pa, long bytes, long all) {
        if (!watchesObjects) {
            return;
        }
        blocks.add(pa, kind, bytes);
        long end = bytes + Shadow.PAGE - 1 & -Shadow.PAGE;
        if (va != 0 && end > bytes) {
            shadow.allow(va + end - Shadow.PAGE, (int) (bytes - end + Shadow.PAGE), Shadow.PAGE);
        }
        if (va != 0 && all > end) {
            shadow.mark(va + end, (int) (all - end), Shadow.RED_ZONE);
        }
    }

    /** Notes that the caller may use whole pages of kmalloc. */
    public void usesWholeBlock(long va, long all) {
        if (watchesObjects && blocks.at(space.phys(va)) != null) {
            blocks.add(space.phys(va), Blocks.Kind.KMALLOC, all);
            shadow.forget(va, all);
        }
    }

    /** Notes the first memory for per-CPU variables in some pages. */
    public void perCpuPages(long va, int bytes) {
        if (watchesObjects) {
            shadow.mark(va, bytes, Shadow.RED_ZONE);
        }
    }

    /** Notes that a copy of a per-CPU variable is allocated. */
    public void perCpuAllocated(long va, int bytes, int all) {
        if (watchesObjects && shadow.isKnown(va)) {
            shadow.allow(va, bytes, all);
        }
    }

    /** Notes that a copy of a per-CPU variable is free. */
    public void perCpuFreed(long va, int all) {
        checkRecords("free_percpu", va, all);
        if (watchesObjects && shadow.isKnown(va)) {
            shadow.mark(va, all, Shadow.FREED);
        }
    }

    /** Notes an area of whole pages of which only the first bytes were requested. */
    public void area(long va, long bytes) {
        if (watchesObjects && va != 0) {
            areas.put(va, bytes);
            long tail = bytes & Shadow.PAGE - 1;
            if (tail != 0) {
                shadow.allow(va + bytes - tail, (int) tail, Shadow.PAGE);
            }
        }
    }

    /** Notes that an area is gone. */
    public void areaFreed(long va) {
        Long bytes = areas.remove(va);
        if (bytes != null) {
            shadow.forget(va, bytes);
            checkRecords("a free of an area", va, bytes);
        }
    }

    /** Returns the area that an address lies in, or null. */
    public Map.Entry<Long, Long> areaOf(long va) {
        return areas.floorEntry(va);
    }

    // ---- tasks that wait ----

    /** Notes that a task waits on a queue in an object of a driver's, until {@link #waitEnded}. */
    public void waitBegins(long queue, long task) {
        if (watchesObjects && shadow.isDivided(queue)) {
            waits.put(task, new Wait(queue, CallSite.ofCaller()));
        }
    }

    /** Notes that a task has taken itself off its queue, or is gone. */
    public void waitEnded(long task) {
        if (!waits.isEmpty()) {
            waits.remove(task);
        }
    }

    private void checkWaits(String call, long va, long bytes) {
        for (Wait wait : waits.values()) {
            if (va <= wait.queue && wait.queue < va + bytes) {
                violations.of(Rule.USE_AFTER_FREE, call + " with a wait queue in it that a task is on")
                        .line("waits", "at " + wait.site)
                        .line("why", "the task will take itself off the queue in memory of the next owner")
                        .line("instead", "wait until all tasks have left the queue, or keep the memory until they have")
                        .address("va", wait.queue).report();
                return;
            }
        }
    }

    /** Returns the pages of programs that are pinned. */
    public Pins pins() {
        return pins;
    }

    /** Returns the timers and other records that are set. */
    public Armed armed() {
        return armed;
    }

    /** Checks at a free that the kernel is not using a lock or a timer in the memory. */
    private void checkRecords(String call, long va, long bytes) {
        for (Locks.Held held : locks.forget(va, bytes)) {
            if (held.hart() == Locks.FUNCTION) {
                continue;                              // a timer's function may free its timer
            }
            violations.of(Rule.USE_AFTER_FREE, call + " with a lock in it that is held").line("held", held.describe())
                    .line("why", "the holder will release it in memory of the next owner, and who waits for it may "
                            + "wait for ever")
                    .line("instead", "release the lock before the free").address("va", held.lock())
                    .text("held_at", held.site()).report();
        }
        armed.check(call, va, bytes);
        if (!waits.isEmpty()) {
            checkWaits(call, va, bytes);
        }
    }

    // ---- bytes that nobody wrote ----

    /** Notes that a driver has memory with old bytes in it. An address of 0 is no memory. */
    public void notZeroed(long va, long bytes) {
        if (watchesWrites && va != 0) {
            unwritten.allocated(va, bytes);
        }
    }

    /** Notes that a device has written under a claim. */
    public void deviceWrote(Claim claim, long dma, int bytes) {
        claim.write();
        if (!unwritten.isEmpty() && isLow(claim)) {
            unwritten.written(space.virt(claim.terms().pa() + dma - claim.terms().dma()), bytes);
        }
    }

    /** Notes that a device gives a buffer back to the harts. One that has written nothing has not been asked to. */
    public void givenBack(Claim claim) {
        pins.written(claim);
        if (!unwritten.isEmpty() && claim.terms().deviceWrites() && claim.hasMoved() && isLow(claim)) {
            unwritten.givenBack(space.virt(claim.terms().pa()), claim);
        }
    }

    /** Returns how many of the bytes that a device reads under a claim nobody has written. */
    public int unwritten(Claim claim, long dma, int bytes) {
        return unwritten.isEmpty() || !isLow(claim) ? 0
                : unwritten.count(space.virt(claim.terms().pa() + dma - claim.terms().dma()), bytes);
    }

    private boolean isLow(Claim claim) {
        return AddressSpace.isLinear(space.virt(claim.terms().pa()));
    }

    // ---- requests ----

    /** Notes that a driver has device registers mapped. */
    public void registersMapped(long va, long pa, long bytes) {
        registers.put(va, new Registers(va + bytes, pa));
    }

    /** Notes that an area of registers is gone. */
    public void registersUnmapped(long va) {
        registers.remove(va);
    }

    /**
     * Notes that a driver on a hart stores to an address outside the linear map. If it is one of a device's registers,
     * this may start a request of the device.
     */
    public void storedTo(int hart, long va) {
        Map.Entry<Long, Registers> area = registers.floorEntry(va);
        if (area != null && va < area.getValue().end) {
            long register = area.getValue().pa + va - area.getKey();
            String asker = askers.isEmpty() ? null : askers.get(Thread.currentThread());
            requests.put(register & -Shadow.PAGE, asker == null ? registerLines.of(register) : asker);
            barriers.wroteRegister(hart, register);
        }
    }

    /**
     * Lets a line, rather than those of the driver that is asked, stand for requests of devices.
     *
     * @param site null for the caller's line
     */
    public void asks(String site) {
        askers.put(Thread.currentThread(), site == null ? CallSite.ofCaller() : site);
    }

    /** Ends {@link #asks}. */
    public void hasAsked() {
        askers.remove(Thread.currentThread());
    }

    /**
     * Returns the line that started a device's last request: the last one that stored to its registers.
     *
     * @param pa the first of its registers
     * @return null if no line was noted
     */
    public String request(long pa) {
        return requests.get(pa & -Shadow.PAGE);
    }

    /**
     * Notes that pages are about to be free, and checks that no device may still access them.
     *
     * @param va their linear address, or 0 in high memory
     */
    public void freedPages(long va, long pa, long bytes) {
        freeing("a free of pages", pa, bytes);
        if (blocks.remove(pa) != null && va != 0) {
            shadow.forget(va, bytes);
        }
        if (va != 0) {
            unwritten.forget(va, pa, bytes);
            checkRecords("a free of pages", va, bytes);
        }
    }

    private void freeing(String call, long pa, long bytes) {
        Claim claim = claims.of(pa, bytes);
        if (claim == null || claim.terms().kind() == Claim.Kind.COHERENT) {
            return;
        }
        settle.run();
        if (claim.isLive()) {
            boolean transfer = claim.terms().kind().isTransfer();
            violations.of(Rule.DMA_FREED_IN_USE, call + " of memory that "
                    + (transfer ? "a running transfer of " + claim.terms().device() + " accesses"
                            : "is mapped for " + claim.terms().device()))
                    .line(claim.terms().kind().label(), claim.describe())
                    .line("why", "the memory's next owner would share it with the device")
                    .line("instead", Rule.DMA_FREED_IN_USE.right())
                    .address("pa", pa).text("device", claim.terms().device())
                    .text("mapped_at", claim.site()).report();
        }
    }
}
