package ferrite.book.sculld;

import ferrite.book.quanta.PageQuantaDriver;
import ferrite.book.quanta.ScullDevLayout;
import ferrite.book.quanta.ScullGlobalsLayout;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.fs.DeviceAttributeLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.ShowAttribute;
import ferrite.kernel.fs.StoreAttribute;

/**
 * {@code sculld}: scullp in the device model (LDD3 pages 382-387 and 369-372). Each device of the class has two
 * attributes, {@code /sys/class/sculld/sculld0/size} and {@code order}. The book makes a bus for the devices; here they
 * belong to a class only.
 */
public final class SculldDriver extends PageQuantaDriver {

    private static final int ATTRIBUTES = 2;
    private static final int MAX_TEXT = 8;
    private static final int FOR_READING = 0444;
    private static final int FOR_WRITING = 0644;

    private long sizeShow;
    private long orderShow;
    private long orderStore;

    @Override
    public String name() {
        return "sculld";
    }

    @Override
    protected FileOperations operations(TextTable.Module text) {
        sizeShow = text.add("sculld_size_show", (ShowAttribute) this::showSize);
        orderShow = text.add("sculld_order_show", (ShowAttribute) this::showOrder);
        orderStore = text.add("sculld_order_store", (StoreAttribute) this::storeOrder);
        return super.operations(text);
    }

    @Override
    protected int addMore(long record, DriverParameters parameters) {
        long attributes = kernel().kcalloc(ATTRIBUTES, DeviceAttributeLayout.SIZE, Gfp.GFP_KERNEL);
        if (attributes == 0) {
            return -Errno.ENOMEM;
        }
        ScullGlobalsLayout.PRIVATE.set(memory(), record, attributes);
        long order = attributes + DeviceAttributeLayout.SIZE;
        define(attributes, "size", FOR_READING, sizeShow);
        define(order, "order", FOR_WRITING, orderShow);
        DeviceAttributeLayout.STORE.set(memory(), order, orderStore);
        int result = 0;
        for (int i = 0; i < devices(parameters) && result == 0; i++) {
            long device = files().device(ScullGlobalsLayout.FILES.at(record), i);
            result = kernel().deviceCreateFile(device, attributes);
            result = result < 0 ? result : kernel().deviceCreateFile(device, order);
        }
        return result;
    }

    private void define(long attribute, String name, int mode, long show) {
        DeviceAttributeLayout.NAME.set(memory(), attribute, name);
        DeviceAttributeLayout.MODE.set(memory(), attribute, mode);
        DeviceAttributeLayout.SHOW.set(memory(), attribute, show);
    }

    /** The files' end has removed the attributes from the devices. */
    @Override
    protected void stop(long record) {
        super.stop(record);
        kernel().kfree(ScullGlobalsLayout.PRIVATE.get(memory(), record));
    }

    // ---- the attributes ----

    private int showSize(long device, long attribute, long page) {
        long dev = ScullDevLayout.ofCdev(kernel().devGetDrvdata(device));
        return kernel().sysfsEmit(page, memoryOfDevices().size(dev) + "\n");
    }

    private int showOrder(long device, long attribute, long page) {
        int bytes = ScullGlobalsLayout.QUANTUM.get(memory(), globals());
        return kernel().sysfsEmit(page, kernel().getOrder(bytes) + "\n");
    }

    /** Sets the order that each device has after it is emptied. */
    private int storeOrder(long device, long attribute, long text, int count) {
        String word = memory().loadString(text, MAX_TEXT).strip();
        if (!word.matches("[0-" + MAX_ORDER + "]")) {
            return -Errno.EINVAL;
        }
        ScullGlobalsLayout.QUANTUM.set(memory(), globals(), PAGE_BYTES << Integer.parseInt(word));
        return count;
    }
}
