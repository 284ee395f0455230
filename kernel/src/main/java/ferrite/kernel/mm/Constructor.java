package ferrite.kernel.mm;

/** Makes an object of a lookaside cache when its slab is made, or unmakes it when the slab goes (LDD3 page 218). Does not sleep. */
@FunctionalInterface
public interface Constructor {

    void run(long object);
}
