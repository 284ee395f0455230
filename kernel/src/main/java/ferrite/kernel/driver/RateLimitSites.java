package ferrite.kernel.driver;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.RateLimit;
import ferrite.kernel.log.RateLimitLayout;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;

/**
 * The limits of {@code printk_ratelimited}: one for each line of source that calls it, as C's static variable is. RAM
 * holds a list of them, which only grows. Any context.
 */
@Plumbing
final class RateLimitSites {

    private static final int SIZE = 40;

    static final Struct STRUCT = Struct.of("ratelimit_site", SIZE);

    private static final Embedded STATE = STRUCT.embedded("rs", 0, RateLimitLayout.STRUCT);
    private static final Pointer SITE = STRUCT.pointer("site", 32, "char");
    private static final Pointer NEXT = STRUCT.pointer("next", 36, "struct ratelimit_site");

    private final KernelMemory memory;
    private final SpinLock locks;
    private final StringTable strings;
    private final RateLimit limits;
    private final Kmalloc kmalloc;
    private final long root;

    RateLimitSites(KernelBase base, Kmalloc kmalloc) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.strings = base.strings();
        this.limits = base.log().limits();
        this.kmalloc = kmalloc;
        this.root = base.root();
    }

    /** Counts a message of the calling line. Returns whether it may be logged; without memory it always may. */
    boolean allows() {
        long site = strings.intern(CallSite.ofCaller());
        long limit = find(site);
        if (limit == 0) {
            limit = add(site);
        }
        return limit == 0 || limits.allows(STATE.at(limit));
    }

    private long find(long site) {
        long limit = RootLayout.RATELIMIT_SITES.get(memory, root);
        while (limit != 0 && SITE.get(memory, limit) != site) {
            limit = NEXT.get(memory, limit);
        }
        return limit;
    }

    private long add(long site) {
        long added = kmalloc.kzalloc(SIZE, Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN);
        if (added == 0) {
            return 0;
        }
        limits.initDefault(STATE.at(added));
        SITE.set(memory, added, site);
        int flags = locks.lockIrqSave(RootLayout.RATELIMIT_SITES_LOCK.at(root));
        long other = find(site);
        if (other == 0) {
            NEXT.set(memory, added, RootLayout.RATELIMIT_SITES.get(memory, root));
            RootLayout.RATELIMIT_SITES.set(memory, root, added);
        }
        locks.unlockIrqRestore(RootLayout.RATELIMIT_SITES_LOCK.at(root), flags);
        if (other != 0) {
            kmalloc.kfree(added);
        }
        return other == 0 ? added : other;
    }
}
