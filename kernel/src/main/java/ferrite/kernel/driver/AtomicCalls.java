package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/**
 * Atomic words (LDD3 page 124), atomic bits (page 126) and memory barriers (page 237). A word is 4 bytes at a multiple
 * of 4. Each call is one step, on all harts. Bits are numbered from the first word on, 32 in each.
 */
@DriverApi
public interface AtomicCalls {

    /** Returns a word. Any context. */
    @CName("atomic_read")
    int atomicRead(long word);

    /** Stores a word. Any context. */
    @CName("atomic_set")
    void atomicSet(long word, int value);

    /** Adds to a word. Any context. */
    @CName("atomic_add")
    void atomicAdd(int value, long word);

    /** Subtracts from a word. Any context. */
    @CName("atomic_sub")
    void atomicSub(int value, long word);

    /** Adds 1 to a word. Any context. */
    @CName("atomic_inc")
    void atomicInc(long word);

    /** Subtracts 1 from a word. Any context. */
    @CName("atomic_dec")
    void atomicDec(long word);

    /** Adds to a word, and returns the sum. Any context. */
    @CName("atomic_add_return")
    int atomicAddReturn(int value, long word);

    /** Subtracts from a word, and returns the difference. Any context. */
    @CName("atomic_sub_return")
    int atomicSubReturn(int value, long word);

    /** Adds 1 to a word, and returns the sum. Any context. */
    @CName("atomic_inc_return")
    int atomicIncReturn(long word);

    /** Subtracts 1 from a word, and returns the difference. Any context. */
    @CName("atomic_dec_return")
    int atomicDecReturn(long word);

    /** Subtracts from a word. Returns whether it is 0 then. Any context. */
    @CName("atomic_sub_and_test")
    boolean atomicSubAndTest(int value, long word);

    /** Subtracts 1 from a word. Returns whether it is 0 then. Any context. */
    @CName("atomic_dec_and_test")
    boolean atomicDecAndTest(long word);

    /** Adds 1 to a word. Returns whether it is 0 then. Any context. */
    @CName("atomic_inc_and_test")
    boolean atomicIncAndTest(long word);

    /** Adds to a word. Returns whether it is negative then. Any context. */
    @CName("atomic_add_negative")
    boolean atomicAddNegative(int value, long word);

    /** Stores a word, and returns the old one. Any context. */
    @CName("atomic_xchg")
    int atomicXchg(long word, int value);

    /** Stores a word if the old one has a value. Returns the old one in any case. Any context. */
    @CName("atomic_cmpxchg")
    int atomicCmpxchg(long word, int old, int value);

    /** Adds to a word unless it has a value. Returns whether it added. Any context. */
    @CName("atomic_add_unless")
    boolean atomicAddUnless(long word, int value, int unless);

    /** Sets a bit. Any context. */
    @CName("set_bit")
    void setBit(int bit, long words);

    /** Clears a bit. Any context. */
    @CName("clear_bit")
    void clearBit(int bit, long words);

    /** Inverts a bit. Any context. */
    @CName("change_bit")
    void changeBit(int bit, long words);

    /** Returns whether a bit is set. Any context. */
    @CName("test_bit")
    boolean testBit(int bit, long words);

    /** Sets a bit. Returns whether it was set. Any context. */
    @CName("test_and_set_bit")
    boolean testAndSetBit(int bit, long words);

    /** Clears a bit. Returns whether it was set. Any context. */
    @CName("test_and_clear_bit")
    boolean testAndClearBit(int bit, long words);

    /** Inverts a bit. Returns whether it was set. Any context. */
    @CName("test_and_change_bit")
    boolean testAndChangeBit(int bit, long words);

    /** Orders all accesses before it before all that follow, for harts and devices. Any context. */
    @CName("mb")
    void mb();

    /** Orders loads, see {@link #mb}. Any context. */
    @CName("rmb")
    void rmb();

    /**
     * Orders a load after the load of its address (LDD3 page 238). A hart does so without it; a portable driver calls
     * it. Any context.
     */
    @CName("read_barrier_depends")
    void readBarrierDepends();

    /** Orders as {@link #readBarrierDepends}, for other harts (LDD3 page 238). Any context. */
    @CName("smp_read_barrier_depends")
    void smpReadBarrierDepends();

    /** Orders stores, see {@link #mb}. Any context. */
    @CName("wmb")
    void wmb();

    /** Orders accesses to memory alone, for other harts. Any context. */
    @CName("smp_mb")
    void smpMb();

    /** Orders loads of memory alone, for other harts (LDD3 page 238). Any context. */
    @CName("smp_rmb")
    void smpRmb();

    /** Orders stores to memory alone, for other harts (LDD3 page 238). Any context. */
    @CName("smp_wmb")
    void smpWmb();

    /** Stores a word, and orders it before all accesses that follow (LDD3 page 239, {@code set_mb}). Any context. */
    @CName("smp_store_mb")
    void smpStoreMb(long word, int value);

    /**
     * Orders nothing on the hart: in C it keeps the compiler from moving accesses, which Java's compiler does not do to
     * calls of {@link KernelCalls#memory} (LDD3 page 237). Another hart or a device needs {@link #mb}. Any context.
     */
    @CName("barrier")
    void barrier();

    /** Orders loads of coherent memory. Any context. */
    @CName("dma_rmb")
    void dmaRmb();

    /** Orders stores to coherent memory: a descriptor before the word that gives it to the device. Any context. */
    @CName("dma_wmb")
    void dmaWmb();
}
