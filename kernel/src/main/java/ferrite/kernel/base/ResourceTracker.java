package ferrite.kernel.base;

/** Records the resources that loaded drivers take and give back. Any context. */
public interface ResourceTracker {

    /** A kind of resource. */
    enum Kind {
        MEMORY("bytes of kmalloc memory at"), PAGES("bytes of pages at"), MAPPING("bytes of registers mapped at"),
                REGION("bytes of registers requested at"),
                CHANNEL("DMA channel"),
        CACHE("a lookaside cache at"), OBJECT("an object of a lookaside cache at"), AREA("bytes of vmalloc memory at"),
        DMA_MAPPING("bytes mapped for a device at DMA address"),
                DMA_LIST("scatterlist entries mapped for a device, of the list at"),
        COHERENT("bytes of coherent memory at"), KMAP("bytes of high memory mapped at"),
                PER_CPU("bytes for each hart at"), POOL("a memory pool at"),
        SHRINKER("a registered shrinker at"), DMA_POOL("a DMA pool at"), DMA_BLOCK("bytes of a DMA pool at"),
        TIMER("a timer that is set at"), THREAD("a kernel thread with pid"), INTERRUPT("interrupt"),
        DEVICE_FILE("the device /dev/"), WORK_QUEUE("a work queue at"), CHRDEV_REGION("device numbers from"),
        CHRDEV_MAJOR("the major number"), CDEV("a cdev at"), CLASS("a class at"),
        CLASS_DEVICE("a device of a class at"), MISC_DEVICE("a misc device at"), PROC_FILE("the file /proc/"),
        PINNED_PAGE("a pinned page of a program, its struct page at"),
        PORTS("I/O ports requested at"),
        NET_DEVICE("a network device at"),
        BLKDEV_MAJOR("the major number of block devices"), DISK("a disk at"), REQUEST_QUEUE("a request queue at"),
                BIO("a bio at"),
        ENGINE_CHANNEL("a channel of a copy engine at");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** The kind's text in a list of resources; the key follows it. */
        public String words() {
            return words;
        }
    }

    /** Returns the key of a DMA channel: its number plus 1, since a key is not 0. */
    static long channelKey(int channel) {
        return channel + 1;
    }

    /** Returns the DMA channel of a key. */
    static int channelOf(long key) {
        return (int) key - 1;
    }

    /**
     * Records that the calling driver has taken a resource. A key of 0 stands for a failed allocation, and is not
     * recorded.
     *
     * @param key   the resource's address or number, unique in its kind
     * @param bytes the resource's size, or 0 if it has none
     * @return the key
     */
    long took(Kind kind, long key, int bytes);

    /** Forgets a resource, after any caller has given it back. */
    void gaveBack(Kind kind, long key);
}
