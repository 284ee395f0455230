package ferrite.kernel.driver;

import ferrite.kernel.base.TextTable;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** A driver that a test makes of functions. */
final class TestDriver implements Driver {

    private final String name;
    private final List<String> compatible;
    private ToIntFunction<Device> probe = device -> 0;
    private Consumer<Device> remove = device -> { };
    private ToIntFunction<Device> suspend = device -> 0;
    private ToIntFunction<Device> resume = device -> 0;
    private boolean suppressesBinding;
    KernelCalls kernel;
    TextTable.Module text;

    TestDriver(String name, String... compatible) {
        this.name = name;
        this.compatible = List.of(compatible);
    }

    TestDriver probe(ToIntFunction<Device> function) {
        probe = function;
        return this;
    }

    TestDriver remove(Consumer<Device> function) {
        remove = function;
        return this;
    }

    TestDriver suspend(ToIntFunction<Device> function) {
        suspend = function;
        return this;
    }

    TestDriver resume(ToIntFunction<Device> function) {
        resume = function;
        return this;
    }

    TestDriver suppressBinding() {
        suppressesBinding = true;
        return this;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean suppressBindAttrs() {
        return suppressesBinding;
    }

    @Override
    public List<String> compatible() {
        return compatible;
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module newText) {
        kernel = theKernel;
        text = newText;
    }

    @Override
    public int probe(Device device) {
        return probe.applyAsInt(device);
    }

    @Override
    public void remove(Device device) {
        remove.accept(device);
    }

    @Override
    public int suspend(Device device) {
        return suspend.applyAsInt(device);
    }

    @Override
    public int resume(Device device) {
        return resume.applyAsInt(device);
    }
}
