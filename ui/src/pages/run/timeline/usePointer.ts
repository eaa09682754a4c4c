// Wheel with Ctrl zooms about the hand, dragging the bars pans.
import { type RefObject, useEffect, useEffectEvent } from "react";
import type { View } from "./useAxis";

export function usePointer(scroller: RefObject<HTMLDivElement | null>, view: View, labels: number): void {
  const zoom = useEffectEvent((by: number, about: number) => view.zoom(by, about));
  const pan = useEffectEvent((px: number) => view.pan(px));
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const wheel = (event: WheelEvent): void => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 300), event.clientX - element.getBoundingClientRect().left - labels);
      } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        event.preventDefault();
        pan(sideways);
      }
    };
    const down = (event: PointerEvent): void => {
      if (event.button !== 0 || event.clientX - element.getBoundingClientRect().left < labels || event.pointerType === "touch") return;
      let last = event.clientX;
      const move = (moved: PointerEvent): void => {
        pan(last - moved.clientX);
        last = moved.clientX;
      };
      const up = (): void => {
        removeEventListener("pointermove", move);
        removeEventListener("pointerup", up);
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", up);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    element.addEventListener("pointerdown", down);
    return () => {
      element.removeEventListener("wheel", wheel);
      element.removeEventListener("pointerdown", down);
    };
  }, [scroller, labels]);
}
