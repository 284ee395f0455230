/**
 * The DMA controller of the PC/AT: two 8237A with page registers, their timing, the reach check, and the interface of a
 * device on a channel. It uses {@code bus}, {@code clock}, {@code interrupt}, {@code monitor}, {@code report} and
 * {@code state}. Boards attach it, and device models are wired to its channels. Drivers use its register numbers only.
 */
package ferrite.hardware.dma;
