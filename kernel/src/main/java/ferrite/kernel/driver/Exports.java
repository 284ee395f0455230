package ferrite.kernel.driver;

import ferrite.hardware.hart.Gate;
import java.util.ArrayList;
import java.util.List;

/**
 * The symbols of the kernel's calls: for each row of {@link KernelCalls} its declaration in C and its address in the
 * gate. Debuggers show them, and native drivers import them. An address follows from the place in the list, so a new
 * call is added at the end.
 */
public final class Exports {

    /** Bytes of text from a call's address to the next one's. */
    public static final int BYTES = 16;

    /** A call, with its declaration in C. */
    public record Export(String declaration, long address) {

        /** The C name, which is the symbol. */
        public String name() {
            String start = declaration.substring(0, declaration.indexOf('('));
            return start.substring(Math.max(start.lastIndexOf(' '), start.lastIndexOf('*')) + 1);
        }
    }

    private static final String DECLARATIONS = """
            void *alloc_bootmem(size_t bytes)
            void *alloc_bootmem_low(size_t bytes)
            void *alloc_bootmem_pages(size_t bytes)
            void *alloc_bootmem_low_pages(size_t bytes)
            void free_bootmem(phys_addr_t pa, size_t bytes)
            void *bootmem_piece(const char *driver, int index)
            int bootmem_piece_size(const char *driver, int index)
            unsigned long __get_free_pages(gfp_t gfp, int order)
            unsigned long __get_free_page(gfp_t gfp)
            unsigned long get_zeroed_page(gfp_t gfp)
            unsigned long __get_dma_pages(gfp_t gfp, int order)
            void free_pages(void *va, int order)
            void free_page(void *va)
            struct page *alloc_pages(gfp_t gfp, int order)
            struct page *alloc_page(gfp_t gfp)
            struct page *alloc_pages_node(int node, gfp_t gfp, int order)
            void __free_pages(struct page *page, int order)
            void __free_page(struct page *page)
            void free_cold_page(struct page *page)
            void get_page(struct page *page)
            void put_page(struct page *page)
            int get_order(size_t bytes)
            void *page_address(struct page *page)
            struct page *virt_to_page(void *va)
            struct page *pfn_to_page(unsigned long pfn)
            unsigned long page_to_pfn(struct page *page)
            void memcpy_from_page(void *to, struct page *page, int offset, size_t bytes)
            void memcpy_to_page(struct page *page, int offset, void *from, size_t bytes)
            void *kmap(struct page *page)
            void kunmap(struct page *page)
            void *kmap_atomic(struct page *page)
            void kunmap_atomic(void *va)
            void *kmalloc(size_t bytes, gfp_t gfp)
            void *kzalloc(size_t bytes, gfp_t gfp)
            void *kcalloc(int count, size_t bytes, gfp_t gfp)
            void *krealloc(void *va, size_t bytes, gfp_t gfp)
            void kfree(void *va)
            int ksize(void *va)
            struct kmem_cache *kmem_cache_create(const char *name, size_t bytes, int align, int flags, \
            callback_t constructor)
            bool kmem_cache_destroy(struct kmem_cache *cache)
            void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
            void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
            void kmem_cache_free(struct kmem_cache *cache, void *object)
            int kmem_cache_shrink(struct kmem_cache *cache)
            struct mempool_s *mempool_create(int min_nr, callback_t alloc, callback_t free, void *data)
            struct mempool_s *mempool_create_slab_pool(int min_nr, struct kmem_cache *cache)
            struct mempool_s *mempool_create_kmalloc_pool(int min_nr, size_t bytes)
            struct mempool_s *mempool_create_page_pool(int min_nr, int order)
            int mempool_resize(struct mempool_s *pool, int min_nr, gfp_t gfp)
            bool mempool_destroy(struct mempool_s *pool)
            void *mempool_alloc(struct mempool_s *pool, gfp_t gfp)
            void mempool_free(void *element, struct mempool_s *pool)
            void register_shrinker(struct shrinker *shrinker)
            void unregister_shrinker(struct shrinker *shrinker)
            void *vmalloc(size_t bytes)
            void *vzalloc(size_t bytes)
            void *vmalloc_32(size_t bytes)
            void vfree(void *va)
            void *ioremap(phys_addr_t pa, size_t bytes)
            void iounmap(void *va)
            void *get_vm_area(size_t bytes)
            int remap_pfn_range(void *va, unsigned long pfn, size_t bytes, bool writable)
            struct page *vmalloc_to_page(void *va)
            bool is_vmalloc_addr(void *va)
            phys_addr_t virt_to_phys(void *va)
            void copy_to_user(void *to, void *from, size_t bytes)
            void copy_from_user(void *to, void *from, size_t bytes)
            void *DEFINE_PER_CPU(struct module *text, const char *name, size_t bytes, int align)
            void *alloc_percpu(size_t bytes)
            void *__alloc_percpu(size_t bytes, int align)
            void free_percpu(void *variable)
            void *get_cpu_var(void *variable)
            void put_cpu_var(void)
            int get_cpu(void)
            void put_cpu(void)
            void *per_cpu_ptr(void *variable, int hart)
            void *this_cpu_ptr(void *variable)
            int smp_processor_id(void)
            int num_online_cpus(void)
            void spin_lock(struct spinlock *lock)
            void spin_unlock(struct spinlock *lock)
            int spin_lock_irqsave(struct spinlock *lock)
            void spin_unlock_irqrestore(struct spinlock *lock, int flags)
            void preempt_disable(void)
            void preempt_enable(void)
            int local_irq_save(void)
            void local_irq_restore(int flags)
            void mutex_init(struct mutex *mutex)
            void mutex_lock(struct mutex *mutex)
            int mutex_lock_interruptible(struct mutex *mutex)
            void mutex_unlock(struct mutex *mutex)
            void might_sleep(const char *call, const char *instead)
            bool in_atomic(void)
            void init_waitqueue_head(struct wait_queue_head *queue)
            void wait_event(struct wait_queue_head *queue, callback_t condition)
            int wait_event_interruptible(struct wait_queue_head *queue, callback_t condition)
            void wake_up(struct wait_queue_head *queue)
            void wake_up_all(struct wait_queue_head *queue)
            void prepare_to_wait(struct wait_queue_head *queue)
            void finish_wait(struct wait_queue_head *queue)
            void schedule(void)
            void add_timer(struct timer_list *timer, unsigned long long ticks, callback_t function, void *data)
            bool del_timer_sync(struct timer_list *timer)
            int schedule_timeout_interruptible(unsigned long long ticks)
            void cpu_relax(void)
            unsigned long long sched_clock(void)
            struct task_struct *kthread_run(const char *name, callback_t entry, void *argument)
            bool signal_pending(void)
            int kill_pid(int pid, int signal)
            int request_irq(int irq, callback_t handler, const char *name, void *data)
            void free_irq(int irq)
            void synchronize_irq(int irq)
            int request_dma(int channel, const char *owner)
            void free_dma(int channel)
            int claim_dma_lock(void)
            void release_dma_lock(int flags)
            void set_dma_mode(int channel, int mode)
            void set_dma_addr(int channel, dma_addr_t dma)
            void set_dma_count(int channel, size_t bytes)
            void enable_dma(int channel)
            void disable_dma(int channel)
            void clear_dma_ff(int channel)
            int get_dma_residue(int channel)
            bool take_dma_error(int channel)
            bool dma_supported(struct device *dev, unsigned long long mask)
            int dma_set_mask(struct device *dev, unsigned long long mask)
            int dma_set_coherent_mask(struct device *dev, unsigned long long mask)
            int dma_set_mask_and_coherent(struct device *dev, unsigned long long mask)
            void dma_set_max_seg_size(struct device *dev, size_t bytes)
            int dma_get_max_seg_size(struct device *dev)
            void dma_set_seg_boundary(struct device *dev, unsigned long long mask)
            unsigned long dma_get_seg_boundary(struct device *dev)
            int dma_max_mapping_size(struct device *dev)
            void *dma_alloc_coherent(struct device *dev, size_t bytes, dma_addr_t *handle_va, gfp_t gfp)
            void dma_free_coherent(struct device *dev, size_t bytes, void *va, dma_addr_t handle)
            dma_addr_t dma_map_single(struct device *dev, void *va, size_t bytes, int direction)
            void dma_unmap_single(struct device *dev, dma_addr_t dma, size_t bytes, int direction)
            dma_addr_t dma_map_page(struct device *dev, struct page *page, int offset, size_t bytes, int direction)
            void dma_unmap_page(struct device *dev, dma_addr_t dma, size_t bytes, int direction)
            int dma_mapping_error(struct device *dev, dma_addr_t dma)
            void dma_sync_single_for_cpu(struct device *dev, dma_addr_t dma, size_t bytes, int direction)
            void dma_sync_single_for_device(struct device *dev, dma_addr_t dma, size_t bytes, int direction)
            void dma_sync_single_range_for_cpu(struct device *dev, dma_addr_t dma, int offset, size_t bytes, \
            int direction)
            void dma_sync_single_range_for_device(struct device *dev, dma_addr_t dma, int offset, size_t bytes, \
            int direction)
            int dma_map_sg(struct device *dev, struct scatterlist *sgl, int entries, int direction)
            void dma_unmap_sg(struct device *dev, struct scatterlist *sgl, int entries, int direction)
            void dma_sync_sg_for_cpu(struct device *dev, struct scatterlist *sgl, int entries, int direction)
            void dma_sync_sg_for_device(struct device *dev, struct scatterlist *sgl, int entries, int direction)
            struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t bytes, int align, \
            int boundary)
            bool dma_pool_destroy(struct dma_pool *pool)
            void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle_va)
            void *dma_pool_zalloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle_va)
            void dma_pool_free(struct dma_pool *pool, void *va, dma_addr_t dma)
            int dma_async_device_register(callback_t engine, void *data)
            void dma_async_device_unregister(void)
            struct device *dma_request_chan(void)
            int dma_memcpy(dma_addr_t target_dma, dma_addr_t source_dma, size_t bytes)
            int dma_memcpy_sg(struct scatterlist *target, int target_segments, struct scatterlist *source, \
            int source_segments)
            void sg_init_table(struct scatterlist *sgl, int entries)
            void sg_set_page(struct scatterlist *sg, struct page *page, int length, int offset)
            void sg_set_buf(struct scatterlist *sg, void *va, int length)
            void sg_chain(struct scatterlist *sgl, int entries, struct scatterlist *next)
            struct scatterlist *sg_next(struct scatterlist *sg)
            void for_each_sg(struct scatterlist *sgl, int entries, callback_t body)
            struct page *sg_page(struct scatterlist *sg)
            int sg_offset(struct scatterlist *sg)
            int sg_length(struct scatterlist *sg)
            phys_addr_t sg_phys(struct scatterlist *sg)
            void *sg_virt(struct scatterlist *sg)
            dma_addr_t sg_dma_address(struct scatterlist *sg)
            int sg_dma_len(struct scatterlist *sg)
            int cdev_add(const char *name, callback_t operations, void *data)
            void cdev_del(const char *name)
            void printk(const char *message)
            void register_console(callback_t terminal, void *data)
            void register_power_off(callback_t power_off, void *data)
            """;

    private Exports() { }

    /** Returns all calls, by address. */
    public static List<Export> all() {
        List<Export> exports = new ArrayList<>();
        for (String declaration : DECLARATIONS.lines().toList()) {
            exports.add(new Export(declaration, Gate.CALLS + (long) exports.size() * BYTES));
        }
        return exports;
    }
}
